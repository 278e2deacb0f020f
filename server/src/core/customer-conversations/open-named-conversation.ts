import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { parseName } from '../name.ts'
import { withContacts } from './hold-contacts.ts'
import { insertConversation } from './insert-conversation.ts'
import { openGeneralOf } from './open-general-conversation.ts'
import { findConversationId, findCustomerConversations } from './queries.ts'
import { CONVERSATION_NAME, type CustomerConversation } from './schema.ts'

/**
 * The conversation that some contacts have under a name, made where there is none, and announced to them. They then
 * have a general one too.
 */
export async function openNamedConversation(
  ctx: Context<ClientActor>,
  { contactIds, name: text }: { contactIds: string[]; name: string },
): Promise<CustomerConversation> {
  const name = parseName(text, CONVERSATION_NAME)
  return withContacts(ctx, contactIds, async (ctx, contacts) => {
    await openGeneralOf(ctx, contacts)
    const { workspaceId } = ctx.actor
    const existingId = await findConversationId(ctx.db, { workspaceId, contactIds, name })
    if (existingId === undefined) return insertConversation(ctx, { contacts, name })
    return (await findCustomerConversations(ctx.db, workspaceId, [existingId])).get(existingId)!
  })
}

import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { withContacts } from './hold-contacts.ts'
import { insertConversation } from './insert-conversation.ts'
import { findConversationId } from './queries.ts'
import type { CustomerConversation } from './schema.ts'

/**
 * Makes the general conversation of some contacts, and announces it to them. A set of contacts has one, whatever their
 * order: a second is refused with `general_conversation_exists`.
 */
export async function createGeneralConversation(
  ctx: Context<ClientActor>,
  { contactIds }: { contactIds: string[] },
): Promise<CustomerConversation> {
  return withContacts(ctx, contactIds, async (ctx, contacts) => {
    const existingId = await findConversationId(ctx.db, { workspaceId: ctx.actor.workspaceId, contactIds, name: null })
    if (existingId !== undefined)
      throw new AppError('general_conversation_exists', { param: 'contact_ids', existingId })
    return insertConversation(ctx, { contacts, name: null })
  })
}

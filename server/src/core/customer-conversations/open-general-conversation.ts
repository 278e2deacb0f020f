import type { ClientActor } from '../actor.ts'
import type { ContactSummary } from '../contacts/schema.ts'
import type { Context } from '../context.ts'
import { withContacts } from './hold-contacts.ts'
import { insertConversation } from './insert-conversation.ts'
import { findConversationId } from './queries.ts'

/** The general conversation of some contacts, made where there is none. */
export async function openGeneralConversation(
  ctx: Context<ClientActor>,
  { contactIds }: { contactIds: string[] },
): Promise<{ id: string }> {
  const known = await findConversationId(ctx.db, { workspaceId: ctx.actor.workspaceId, contactIds, name: null })
  if (known !== undefined) return { id: known }
  return withContacts(ctx, contactIds, (ctx, contacts) => openGeneralOf(ctx, contacts))
}

/** The same where the contacts' heads are held already. */
export async function openGeneralOf(ctx: Context<ClientActor>, contacts: ContactSummary[]): Promise<{ id: string }> {
  const { workspaceId } = ctx.actor
  const id = await findConversationId(ctx.db, { workspaceId, contactIds: contacts.map(({ id }) => id), name: null })
  if (id !== undefined) return { id }
  return (await insertConversation(ctx, { contacts, name: null })).conversation
}

import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStream } from '../log/append-events.ts'
import { getContact } from './get-contact.ts'
import type { Contact } from './schema.ts'

/**
 * Deletes a contact, and announces it: it is found no more and sends no more, and its email can be used again. What it
 * wrote stays under its name.
 */
export async function deleteContact(ctx: Context<ClientActor>, { contactId }: { contactId: string }): Promise<Contact> {
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, contactId)
    const now = ctx.now()
    const contact = { ...(await getContact(ctx, { contactId })), updatedAt: now, deletedAt: now }
    await ctx.db.updateTable('contacts').set({ updatedAt: now, deletedAt: now }).where('id', '=', contactId).execute()
    await ctx.db
      .updateTable('addresses')
      .set({ deletedAt: now })
      .where('contactId', '=', contactId)
      .where('deletedAt', 'is', null)
      .execute()
    ctx.record({ type: 'contact.deleted', streamId: contactId, workspaceId: contact.workspaceId, data: { contact } })
    return contact
  })
}

import { findContact } from '../contacts/queries.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'

/** Says that a contact's addresses changed. The contact's head is held. */
export async function announceContact(
  ctx: Context,
  { workspaceId, contactId }: { workspaceId: string; contactId: string },
): Promise<void> {
  await ctx.db.updateTable('contacts').set({ updatedAt: ctx.now() }).where('id', '=', contactId).execute()
  const contact = await findContact(ctx.db, { workspaceId, contactId })
  if (contact === undefined) throw new AppError('contact_not_found', 'contact_id')
  ctx.record({ type: 'contact.updated', streamId: contactId, workspaceId, data: { contact } })
}

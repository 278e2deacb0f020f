import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { parseContactEmail } from './contact-fields.ts'
import { findContact, findContactByEmail } from './queries.ts'
import type { Contact } from './schema.ts'

/** A contact of the caller's workspace. */
export async function getContact(ctx: Context<ClientActor>, { contactId }: { contactId: string }): Promise<Contact> {
  const contact = await findContact(ctx.db, { workspaceId: ctx.actor.workspaceId, contactId })
  if (contact === undefined) throw new AppError('contact_not_found', 'contact_id')
  return contact
}

/** The same by email; `field` is what the caller calls it. */
export async function getContactByEmail(
  ctx: Context<ClientActor>,
  { email, field }: { email: string; field: string },
): Promise<Contact> {
  const { workspaceId } = ctx.actor
  const contact = await findContactByEmail(ctx.db, { workspaceId, email: parseContactEmail(email, field) })
  if (contact === undefined) throw new AppError('contact_not_found', field)
  return contact
}

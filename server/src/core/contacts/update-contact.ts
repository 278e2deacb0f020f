import type { ClientActor } from '../actor.ts'
import { lockAddress } from '../addresses/lock-address.ts'
import { readAddresses, setPrimary } from '../addresses/queries.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { parseFields } from '../parse-fields.ts'
import { parseContactEmail, parseContactName } from './contact-fields.ts'
import { getContact } from './get-contact.ts'
import { parseMetadata } from './metadata.ts'
import { findContactByEmail } from './queries.ts'
import type { Contact } from './schema.ts'

export type UpdateContact = {
  contactId: string
  name?: string
  email?: string
  /** Replaces all that was there. */
  metadata?: unknown
}

/** Changes a contact's name, email or metadata, and announces it. No change announces nothing. */
export async function updateContact(ctx: Context<ClientActor>, input: UpdateContact): Promise<Contact> {
  const { contactId, name, email, metadata } = input
  const changes = parseFields({
    name: () => (name === undefined ? undefined : parseContactName(name)),
    email: () => (email === undefined ? undefined : parseContactEmail(email)),
    metadata: () => (metadata === undefined ? undefined : parseMetadata(metadata)),
  })
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, contactId)
    const before = await getContact(ctx, { contactId })
    const after = {
      ...before,
      name: changes.name ?? before.name,
      email: changes.email ?? before.email,
      metadata: changes.metadata ?? before.metadata,
    }
    if (JSON.stringify(after) === JSON.stringify(before)) return before
    if (after.email !== before.email) await requireFreeEmail(ctx, after)
    const contact = { ...after, updatedAt: ctx.now() }
    await writeContact(ctx, before, contact)
    const { workspaceId } = contact
    ctx.record({ type: 'contact.updated', streamId: contactId, workspaceId, data: { contact } })
    return contact
  })
}

async function requireFreeEmail(ctx: Context, { id, workspaceId, email }: Contact): Promise<void> {
  if (email === null) return
  await lockAddress(ctx.db, { workspaceId, kind: 'email', value: email })
  const other = await findContactByEmail(ctx.db, { workspaceId, email })
  if (other !== undefined && other.id !== id) throw new AppError('contact_email_taken', 'email')
}

async function writeContact(ctx: Context, before: Contact, after: Contact): Promise<void> {
  const { id, name, metadata, updatedAt } = after
  await ctx.db
    .updateTable('contacts')
    .set({ name, metadata: JSON.stringify(metadata), updatedAt })
    .where('id', '=', id)
    .execute()
  if (after.email !== before.email && after.email !== null) await writeEmail(ctx, after, after.email)
}

/** The primary address changes; where the contact has the new one already, that is the primary one. */
async function writeEmail(ctx: Context, { id: contactId, workspaceId }: Contact, email: string): Promise<void> {
  const addresses = await readAddresses(ctx.db, { workspaceId, contactId })
  const emails = addresses.filter(({ kind }) => kind === 'email')
  const known = emails.find(({ value }) => value === email)
  if (known !== undefined) return setPrimary(ctx.db, known)
  const primary = emails[0]
  if (primary !== undefined) {
    await ctx.db.updateTable('addresses').set({ value: email, shown: null }).where('id', '=', primary.id).execute()
    return
  }
  const row = { id: ctx.newId(), workspaceId, contactId, kind: 'email', value: email, createdAt: ctx.now() }
  await ctx.db
    .insertInto('addresses')
    .values({ ...row, isPrimary: true })
    .execute()
}

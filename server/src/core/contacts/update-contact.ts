import type { ClientActor } from '../actor.ts'
import { lockAddress } from '../addresses/lock-address.ts'
import { replacePrimary } from '../addresses/replace-primary.ts'
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
  const { id: contactId, workspaceId, name, email, metadata, updatedAt } = after
  await ctx.db
    .updateTable('contacts')
    .set({ name, metadata: JSON.stringify(metadata), updatedAt })
    .where('id', '=', contactId)
    .execute()
  if (email === before.email || email === null) return
  await replacePrimary(ctx, { workspaceId, contactId, kind: 'email', value: email, shown: null })
}

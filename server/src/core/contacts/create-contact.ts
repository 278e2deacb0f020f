import type { ClientActor } from '../actor.ts'
import { lockAddress } from '../addresses/lock-address.ts'
import type { Context } from '../context.ts'
import { createStream } from '../log/append-events.ts'
import { parseFields } from '../parse-fields.ts'
import { parseContactEmail, parseContactName } from './contact-fields.ts'
import { parseMetadata } from './metadata.ts'
import { findContactByEmail } from './queries.ts'
import type { Contact, Metadata } from './schema.ts'

export type CreateContact = {
  name: string
  /** Unique in the workspace, whatever its capital letters. */
  email: string
  metadata?: unknown
}

/**
 * Makes a contact, and announces it. Where there is one with this email, it is that one, unchanged: who creates the
 * same person twice has one person.
 */
export async function createContact(ctx: Context<ClientActor>, input: CreateContact): Promise<Contact> {
  const fields = parseFields({
    name: () => parseContactName(input.name),
    email: () => parseContactEmail(input.email),
    metadata: () => parseMetadata(input.metadata),
  })
  const { workspaceId } = ctx.actor
  const { email } = fields
  const known = await findContactByEmail(ctx.db, { workspaceId, email })
  if (known !== undefined) return known
  return ctx.transaction(async (ctx) => {
    await lockAddress(ctx.db, { workspaceId, kind: 'email', value: email })
    return (await findContactByEmail(ctx.db, { workspaceId, email })) ?? insertContact(ctx, fields)
  })
}

type Fields = { name: string; email: string; metadata: Metadata }

async function insertContact(ctx: Context<ClientActor>, { name, email, metadata }: Fields): Promise<Contact> {
  const { workspaceId } = ctx.actor
  const now = ctx.now()
  const id = ctx.newId()
  const times = { createdAt: now, updatedAt: now, deletedAt: null }
  const contact: Contact = { id, workspaceId, name, email, phone: null, metadata, ...times }
  await createStream(ctx.db, id, 'contact')
  await ctx.db
    .insertInto('contacts')
    .values({ id, workspaceId, name, metadata: JSON.stringify(metadata), createdAt: now, updatedAt: now })
    .execute()
  const address = { id: ctx.newId(), workspaceId, contactId: id, kind: 'email', value: email, createdAt: now }
  await ctx.db
    .insertInto('addresses')
    .values({ ...address, isPrimary: true })
    .execute()
  ctx.record({ type: 'contact.created', streamId: id, workspaceId, data: { contact } })
  return contact
}

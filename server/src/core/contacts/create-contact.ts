import type { ClientActor } from '../actor.ts'
import { lockAddress } from '../addresses/lock-address.ts'
import type { Context } from '../context.ts'
import { parseFields } from '../parse-fields.ts'
import { parseContactEmail, parseContactName } from './contact-fields.ts'
import { insertContact } from './insert-contact.ts'
import { parseMetadata } from './metadata.ts'
import { findContactByEmail } from './queries.ts'
import type { Contact } from './schema.ts'

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
  const { name, email, metadata } = fields
  const known = await findContactByEmail(ctx.db, { workspaceId, email })
  if (known !== undefined) return known
  const address = { kind: 'email', value: email, shown: null } as const
  return ctx.transaction(async (ctx) => {
    await lockAddress(ctx.db, { workspaceId, ...address })
    return (
      (await findContactByEmail(ctx.db, { workspaceId, email })) ??
      insertContact(ctx, { workspaceId, name, metadata, addresses: [address] })
    )
  })
}

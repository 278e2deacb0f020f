import { lockAddress } from '../addresses/lock-address.ts'
import { parseEmailAddress } from '../addresses/parse-email-address.ts'
import { parseWhatsappAddress } from '../addresses/parse-phone.ts'
import { requireTeam, type TeamActor } from '../addresses/policy.ts'
import { findContactByAddress } from '../addresses/queries.ts'
import type { Address } from '../addresses/schema.ts'
import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { parseName } from '../name.ts'
import { parseFields } from '../parse-fields.ts'
import type { ContactDetails } from './contact-details.ts'
import { parseContactName } from './contact-fields.ts'
import { getContactDetails } from './get-contact-details.ts'
import { insertContact } from './insert-contact.ts'
import { parsePictureUrl } from './picture-url.ts'
import type { StoredContact } from './schema.ts'
import { parseTags, requireTeammates } from './team-fields.ts'

export type AddContact = {
  workspaceId: string
  name: string
  email?: string | undefined
  /** In E.164, with or without `whatsapp:` before it. */
  phone?: string | undefined
  username?: string | null | undefined
  title?: string | null | undefined
  avatarUrl?: string | null | undefined
  ownerId?: string | null | undefined
  tags?: string[] | undefined
}

/**
 * Makes a contact for the team of a workspace, and announces it. Where somebody is reached at one of the addresses
 * already it is that one, unchanged: who adds the same person twice has one person. Addresses of two different people are
 * refused with `address_taken`.
 */
export async function addContact(ctx: Context<TeamActor>, input: AddContact): Promise<ContactDetails> {
  const { workspaceId, ownerId = null } = input
  const { email, phone, ...fields } = parseFields({
    name: () => parseContactName(input.name),
    email: () => readEmail(input),
    phone: () => readPhone(input),
    username: () => parseLine(input.username, 'username', 100),
    title: () => parseLine(input.title, 'title', 255),
    avatarUrl: () => (input.avatarUrl ? parsePictureUrl(input.avatarUrl, 'avatar_url') : null),
    tags: () => parseTags(input.tags ?? [], 'tags'),
  })
  await requireTeam(ctx, workspaceId)
  const addresses = [email, phone].filter((one) => one !== undefined)
  const known = await findKnown(ctx, workspaceId, addresses)
  if (known !== undefined) return getContactDetails(ctx, { workspaceId, contactId: known.id })
  return ctx.transaction(async (ctx) => {
    // By kind: of two who add the same person at once, one waits and then finds the other's.
    for (const address of addresses) await lockAddress(ctx.db, { workspaceId, ...address })
    const known = await findKnown(ctx, workspaceId, addresses)
    if (known !== undefined) return getContactDetails(ctx, { workspaceId, contactId: known.id })
    if (ownerId !== null) await requireTeammates(ctx, workspaceId, { owner_id: ownerId })
    const { id: contactId } = await insertContact(ctx, { ...fields, workspaceId, ownerId, addresses })
    return getContactDetails(ctx, { workspaceId, contactId })
  })
}

type Reached = Pick<Address, 'kind' | 'value' | 'shown'>

function readEmail({ email, phone }: AddContact): Reached | undefined {
  // Whoever cannot be reached cannot be found again either.
  if (email === undefined && phone === undefined) throw invalidField('email', 'is required where there is no phone')
  return email === undefined ? undefined : { kind: 'email', ...parseEmailAddress(email, 'email') }
}

function readPhone({ phone }: AddContact): Reached | undefined {
  if (phone === undefined) return undefined
  return { kind: 'phone', value: parseWhatsappAddress(phone, { field: 'phone' }), shown: null }
}

function parseLine(text: string | null | undefined, field: string, charactersMax: number): string | null {
  return text === undefined || text === null ? null : parseName(text, { field, charactersMax })
}

async function findKnown(ctx: Context, workspaceId: string, addresses: Reached[]): Promise<StoredContact | undefined> {
  let known: StoredContact | undefined
  for (const { kind, value } of addresses) {
    const found = await findContactByAddress(ctx.db, { workspaceId, kind, value })
    if (known !== undefined && found !== undefined && found.id !== known.id) {
      throw new AppError('address_taken', { param: kind, existingId: found.id })
    }
    known ??= found
  }
  return known
}

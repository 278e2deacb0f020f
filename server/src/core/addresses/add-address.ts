import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { announceContact } from './announce-contact.ts'
import { lockAddress } from './lock-address.ts'
import { parseEmailAddress } from './parse-email-address.ts'
import { parseWhatsappAddress, type Region } from './parse-phone.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from './policy.ts'
import { ADDRESS_COLUMNS, findContactByAddress, readAddresses } from './queries.ts'
import { ADDRESSES_MAX, type Address, type AddressKind } from './schema.ts'

export type AddAddress = ContactKey & {
  kind: AddressKind
  /** An email address; or a phone number, with or without `whatsapp:` before it. */
  address: string
  /** The country of a phone number that is given without its country code. */
  region?: Region | undefined
}

/**
 * Gives a contact one more address, and announces the contact. The first of its kind is the primary one. One that the
 * contact has already stays as it is; one of another contact is refused with `address_taken`, which names that contact.
 */
export async function addAddress(ctx: Context<TeamActor>, input: AddAddress): Promise<Address> {
  const { workspaceId, contactId, kind } = input
  const { value, shown } = parseAddress(input)
  return ctx.transaction(async (ctx) => {
    await holdTendedContact(ctx, { workspaceId, contactId })
    await lockAddress(ctx.db, { workspaceId, kind, value })
    const owner = await findContactByAddress(ctx.db, { workspaceId, kind, value })
    if (owner !== undefined && owner.id !== contactId) {
      throw new AppError('address_taken', { param: 'address', existingId: owner.id })
    }
    const ofKind = (await readAddresses(ctx.db, { workspaceId, contactId })).filter((one) => one.kind === kind)
    const known = ofKind.find((one) => one.value === value)
    if (known !== undefined) return known
    if (ofKind.length >= ADDRESSES_MAX) throw new AppError('too_many_addresses', 'address')

    const row = { id: ctx.newId(), workspaceId, contactId, value, shown, createdAt: ctx.now() }
    const added = await ctx.db
      .insertInto('addresses')
      .values({ ...row, kind, isPrimary: ofKind.length === 0 })
      .returning(ADDRESS_COLUMNS)
      .executeTakeFirstOrThrow()
    await announceContact(ctx, { workspaceId, contactId })
    return { ...added, kind }
  })
}

function parseAddress({ kind, address, region }: AddAddress): { value: string; shown: string | null } {
  if (kind === 'phone') return { value: parseWhatsappAddress(address, { field: 'address', region }), shown: null }
  if (kind === 'email') return parseEmailAddress(address, 'address')
  throw invalidField('kind', 'must be email or phone')
}

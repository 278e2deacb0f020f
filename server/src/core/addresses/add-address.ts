import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { announceContact } from './announce-contact.ts'
import { insertAddress } from './insert-address.ts'
import { parseEmailAddress } from './parse-email-address.ts'
import { parseWhatsappAddress, type Region } from './parse-phone.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from './policy.ts'
import { readAddresses, setPrimary } from './queries.ts'
import { requireFreeAddress } from './require-free-address.ts'
import { ADDRESSES_MAX, type Address, type AddressKind } from './schema.ts'

export type AddAddress = ContactKey & {
  kind: AddressKind
  /** An email address; or a phone number, with or without `whatsapp:` before it. */
  address: string
  /** The country of a phone number that is given without its country code. */
  region?: Region | undefined
  /** Whether it is to be the primary one of its kind. */
  isPrimary?: boolean | undefined
  /** What the caller calls the address. */
  field?: string | undefined
}

/**
 * Gives a contact one more address, and announces the contact. The first of its kind is the primary one. One that the
 * contact has already stays, and is made the primary one where that is asked for; one of another contact is refused with
 * `address_taken`, which names that contact.
 */
export async function addAddress(ctx: Context<TeamActor>, input: AddAddress): Promise<Address> {
  const { workspaceId, contactId, kind, isPrimary = false, field = 'address' } = input
  const { value, shown } = parseAddress(input, field)
  return ctx.transaction(async (ctx) => {
    await holdTendedContact(ctx, { workspaceId, contactId })
    await requireFreeAddress(ctx, { workspaceId, contactId, kind, value, field })
    const ofKind = (await readAddresses(ctx.db, { workspaceId, contactId })).filter((one) => one.kind === kind)
    const known = ofKind.find((one) => one.value === value)
    if (known?.isPrimary || (known && !isPrimary)) return known
    if (known === undefined && ofKind.length >= ADDRESSES_MAX) throw new AppError('too_many_addresses', field)

    const isFirst = ofKind.length === 0
    const row = { workspaceId, contactId, kind, value, shown, isPrimary: isFirst }
    const added = known ?? (await insertAddress(ctx, row))
    if (isPrimary && !isFirst) await setPrimary(ctx.db, added)
    await announceContact(ctx, { workspaceId, contactId })
    return { ...added, isPrimary: isPrimary || isFirst }
  })
}

function parseAddress({ kind, address, region }: AddAddress, field: string): { value: string; shown: string | null } {
  if (kind === 'phone') return { value: parseWhatsappAddress(address, { field, region }), shown: null }
  if (kind === 'email') return parseEmailAddress(address, field)
  throw invalidField('kind', 'must be email or phone')
}

import type { Context } from '../context.ts'
import { announceContact } from './announce-contact.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from './policy.ts'
import { getAddress, setPrimary } from './queries.ts'
import type { Address } from './schema.ts'

/** Makes an address the one that is written to where none is named, and announces the contact. No change announces nothing. */
export async function makePrimary(
  ctx: Context<TeamActor>,
  { workspaceId, contactId, addressId }: ContactKey & { addressId: string },
): Promise<Address> {
  return ctx.transaction(async (ctx) => {
    await holdTendedContact(ctx, { workspaceId, contactId })
    const address = await getAddress(ctx.db, { workspaceId, contactId, addressId })
    if (address.isPrimary) return address
    await setPrimary(ctx.db, address)
    await announceContact(ctx, { workspaceId, contactId })
    return { ...address, isPrimary: true }
  })
}

import type { Context } from '../context.ts'
import { announceContact } from './announce-contact.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from './policy.ts'
import { getAddress, readAddresses, setPrimary } from './queries.ts'

/**
 * Takes an address from a contact, and announces the contact: the address can be given to another. After the primary one
 * the oldest other of its kind is primary.
 */
export async function removeAddress(
  ctx: Context<TeamActor>,
  { workspaceId, contactId, addressId }: ContactKey & { addressId: string },
): Promise<void> {
  await ctx.transaction(async (ctx) => {
    await holdTendedContact(ctx, { workspaceId, contactId })
    const { kind } = await getAddress(ctx.db, { workspaceId, contactId, addressId })
    await ctx.db
      .updateTable('addresses')
      .set({ deletedAt: ctx.now(), isPrimary: false })
      .where('id', '=', addressId)
      .execute()
    const left = (await readAddresses(ctx.db, { workspaceId, contactId })).filter((one) => one.kind === kind)
    const first = left[0]
    if (first !== undefined && !first.isPrimary) await setPrimary(ctx.db, first)
    await announceContact(ctx, { workspaceId, contactId })
  })
}

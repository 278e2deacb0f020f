import type { Context } from '../context.ts'
import { insertAddress, type NewAddress } from './insert-address.ts'
import { readAddresses, setPrimary } from './queries.ts'

/**
 * Puts an address in the place of the contact's primary one of its kind; where the contact has the new one already, that
 * is the primary one. The contact and the address are held; the contact is announced by the caller.
 */
export async function replacePrimary(ctx: Context, address: NewAddress): Promise<void> {
  const { workspaceId, contactId, kind, value, shown } = address
  const ofKind = (await readAddresses(ctx.db, { workspaceId, contactId })).filter((one) => one.kind === kind)
  const known = ofKind.find((one) => one.value === value)
  if (known !== undefined) return setPrimary(ctx.db, known)
  const primary = ofKind[0]
  if (primary === undefined) {
    await insertAddress(ctx, { ...address, isPrimary: true })
    return
  }
  await ctx.db.updateTable('addresses').set({ value, shown }).where('id', '=', primary.id).execute()
}

import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockAddress } from './lock-address.ts'
import { findContactByAddress } from './queries.ts'
import type { Address } from './schema.ts'

type Wanted = Pick<Address, 'workspaceId' | 'contactId' | 'kind' | 'value'> & {
  /** What the caller calls it. */
  field: string
}

/**
 * Holds an address until the transaction ends, and refuses where it is another contact's; `address_taken` names that
 * contact. Comes after the contact's head.
 */
export async function requireFreeAddress(ctx: Context, { contactId, field, ...address }: Wanted): Promise<void> {
  await lockAddress(ctx.db, address)
  const owner = await findContactByAddress(ctx.db, address)
  if (owner === undefined || owner.id === contactId) return
  throw new AppError('address_taken', { param: field, existingId: owner.id })
}

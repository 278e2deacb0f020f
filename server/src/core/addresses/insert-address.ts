import type { Context } from '../context.ts'
import { ADDRESS_COLUMNS } from './queries.ts'
import type { Address } from './schema.ts'

export type NewAddress = Pick<Address, 'workspaceId' | 'contactId' | 'kind' | 'value' | 'shown'>

/** Writes an address. It is held, and free; the contact is announced by the caller. */
export async function insertAddress(ctx: Context, address: NewAddress & { isPrimary: boolean }): Promise<Address> {
  const added = await ctx.db
    .insertInto('addresses')
    .values({ ...address, id: ctx.newId(), createdAt: ctx.now() })
    .returning(ADDRESS_COLUMNS)
    .executeTakeFirstOrThrow()
  return { ...added, kind: address.kind }
}

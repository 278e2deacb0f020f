import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import { selectContacts } from '../contacts/queries.ts'
import type { StoredContact } from '../contacts/schema.ts'
import { AppError } from '../errors.ts'
import { ADDRESS_KINDS, ADDRESSES_MAX, type Address, type AddressKind } from './schema.ts'

export const ADDRESS_COLUMNS = [
  'id',
  'workspaceId',
  'contactId',
  'kind',
  'value',
  'shown',
  'isPrimary',
  'createdAt',
] as const

type AddressValue = { workspaceId: string; kind: AddressKind; value: string }

/** The contact that is reached there; `value` is in its one spelling. */
export async function findContactByAddress(
  db: Database,
  { workspaceId, kind, value }: AddressValue,
): Promise<StoredContact | undefined> {
  const [contact] = await selectContacts(
    db,
    sql`c.workspace_id = ${workspaceId} and c.deleted_at is null and c.id = (
      select contact_id from addresses
      where workspace_id = ${workspaceId} and kind = ${kind} and value = ${value} and deleted_at is null
    )`,
  )
  return contact
}

/** The addresses of a contact: by kind, the primary one first, then the oldest. */
export async function readAddresses(
  db: Database,
  { workspaceId, contactId }: { workspaceId: string; contactId: string },
): Promise<Address[]> {
  return readAddressesOf(db, { workspaceId, contactIds: [contactId] })
}

/** The same of several contacts: one's after the other's. */
export async function readAddressesOf(
  db: Database,
  { workspaceId, contactIds }: { workspaceId: string; contactIds: string[] },
): Promise<Address[]> {
  if (contactIds.length === 0) return []
  return db
    .selectFrom('addresses')
    .select(ADDRESS_COLUMNS)
    .where('workspaceId', '=', workspaceId)
    .where('contactId', 'in', contactIds)
    .where('kind', 'in', ADDRESS_KINDS)
    .where('deletedAt', 'is', null)
    .orderBy('contactId')
    .orderBy('kind')
    .orderBy('isPrimary', 'desc')
    .orderBy('id')
    .limit(contactIds.length * ADDRESS_KINDS.length * ADDRESSES_MAX)
    .$narrowType<{ kind: AddressKind }>()
    .execute()
}

/** One of them. Throws `address_not_found`. */
export async function getAddress(
  db: Database,
  { addressId, ...contact }: { workspaceId: string; contactId: string; addressId: string },
): Promise<Address> {
  const address = (await readAddresses(db, contact)).find(({ id }) => id === addressId)
  if (address === undefined) throw new AppError('address_not_found', 'address_id')
  return address
}

/** Makes one the primary of its kind, instead of the one that was. */
export async function setPrimary(db: Database, { id, contactId, kind }: Pick<Address, 'id' | 'contactId' | 'kind'>) {
  await db
    .updateTable('addresses')
    .set({ isPrimary: false })
    .where('contactId', '=', contactId)
    .where('kind', '=', kind)
    .where('isPrimary', '=', true)
    .where('deletedAt', 'is', null)
    .execute()
  await db.updateTable('addresses').set({ isPrimary: true }).where('id', '=', id).execute()
}

import { type RawBuilder, sql } from 'kysely'
import type pg from 'pg'
import type { Database } from '../../platform/database/database.ts'
import type { AddressKind } from '../addresses/schema.ts'
import type { ContactSummary, StoredContact } from './schema.ts'

/** The primary addresses of the contact `c`; a deleted contact keeps those that it had. */
export const CONTACT_SELECTION = sql`c.id, c.workspace_id, c.name, e.value as email, p.value as phone, c.username, c.title,
  c.avatar_url, c.owner_user_id as owner_id, array(
    select f.user_id from contact_followers f where f.contact_id = c.id order by f.created_at, f.user_id
  ) as follower_ids, c.tags, c.is_dnd, c.metadata, c.created_at, c.updated_at, c.deleted_at`

const ADDRESS_TABLES = `left join lateral (${selectPrimary('email')}) e on true
  left join lateral (${selectPrimary('phone')}) p on true`

export const CONTACT_TABLES = sql`contacts c ${sql.raw(ADDRESS_TABLES)}`

function selectPrimary(kind: AddressKind): string {
  return `select value from addresses a
    where a.contact_id = c.id and a.kind = '${kind}' and (a.deleted_at is null or a.deleted_at >= c.deleted_at)
    order by a.deleted_at desc nulls first, a.is_primary desc, a.id limit 1`
}

/** Contacts; `rest` goes on from the where clause. */
export async function selectContacts(db: Database, rest: RawBuilder<unknown>): Promise<StoredContact[]> {
  const { rows } = await sql<StoredContact>`select ${CONTACT_SELECTION} from ${CONTACT_TABLES} where ${rest}`.execute(
    db,
  )
  return rows
}

type InWorkspace = { workspaceId: string; contactId: string }

/** A contact that was not deleted. */
export async function findContact(
  db: Database,
  { workspaceId, contactId }: InWorkspace,
): Promise<StoredContact | undefined> {
  const [contact] = await selectContacts(
    db,
    sql`c.id = ${contactId} and c.workspace_id = ${workspaceId} and c.deleted_at is null`,
  )
  return contact
}

/** The contact with this email, which is in lower case. */
export async function findContactByEmail(
  db: Database,
  { workspaceId, email }: { workspaceId: string; email: string },
): Promise<StoredContact | undefined> {
  const [contact] = await selectContacts(
    db,
    sql`c.id = (
      select contact_id from addresses
      where workspace_id = ${workspaceId} and kind = 'email' and value = ${email} and deleted_at is null
    )`,
  )
  return contact
}

/** A contact as it is remembered, deleted ones too. */
export type KnownContact = ContactSummary & { workspaceId: string; email: string | null; isDeleted: boolean }

/** Outside of transactions, for a cache. */
export async function loadContacts(pool: pg.Pool, ids: string[]): Promise<Map<string, KnownContact>> {
  const text = `
    select c.id, c.name, c.workspace_id as "workspaceId", c.deleted_at is not null as "isDeleted", e.value as email
    from contacts c left join lateral (${selectPrimary('email')}) e on true where c.id = any($1::uuid[])`
  const { rows } = await pool.query<KnownContact>({ name: 'contacts', text, values: [ids] })
  return new Map(rows.map((row) => [row.id, row]))
}

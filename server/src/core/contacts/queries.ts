import { type RawBuilder, sql } from 'kysely'
import type pg from 'pg'
import type { Database } from '../../platform/database/database.ts'
import type { Contact, ContactSummary } from './schema.ts'

/** The email of the contact `c`; a deleted contact keeps the one that it had. */
export const CONTACT_SELECTION = sql`c.id, c.workspace_id, c.name, a.value as email, c.metadata, c.created_at,
  c.updated_at, c.deleted_at`

export const CONTACT_TABLES = sql`contacts c left join lateral (
    select value from addresses a where a.contact_id = c.id and a.kind = 'email'
    order by a.deleted_at desc nulls first limit 1
  ) a on true`

/** Contacts; `rest` goes on from the where clause. */
export async function selectContacts(db: Database, rest: RawBuilder<unknown>): Promise<Contact[]> {
  const { rows } = await sql<Contact>`select ${CONTACT_SELECTION} from ${CONTACT_TABLES} where ${rest}`.execute(db)
  return rows
}

type InWorkspace = { workspaceId: string; contactId: string }

/** A contact that was not deleted. */
export async function findContact(db: Database, { workspaceId, contactId }: InWorkspace): Promise<Contact | undefined> {
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
): Promise<Contact | undefined> {
  const [contact] = await selectContacts(
    db,
    sql`c.id = (
      select contact_id from addresses
      where workspace_id = ${workspaceId} and kind = 'email' and value = ${email} and deleted_at is null
    )`,
  )
  return contact
}

/** Of two who give the same email to a contact at once, one waits here and then finds the other's. */
export async function lockEmail(
  db: Database,
  { workspaceId, email }: { workspaceId: string; email: string },
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`email ${workspaceId} ${email}`}, 0))`.execute(db)
}

/** A contact as it is remembered, deleted ones too. */
export type KnownContact = ContactSummary & { workspaceId: string; email: string | null; isDeleted: boolean }

/** Outside of transactions, for a cache. */
export async function loadContacts(pool: pg.Pool, ids: string[]): Promise<Map<string, KnownContact>> {
  const text = `
    select c.id, c.name, c.workspace_id as "workspaceId", c.deleted_at is not null as "isDeleted", a.value as email
    from contacts c left join lateral (
      select value from addresses a where a.contact_id = c.id and a.kind = 'email'
      order by a.deleted_at desc nulls first limit 1
    ) a on true where c.id = any($1::uuid[])`
  const { rows } = await pool.query<KnownContact>({ name: 'contacts', text, values: [ids] })
  return new Map(rows.map((row) => [row.id, row]))
}

import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Contact } from '../contacts/schema.ts'

type InWorkspace = { contactId: string; workspaceId: string }

/** Undefined where the workspace has no such contact, or has deleted it. */
export async function findContact(db: Database, { contactId, workspaceId }: InWorkspace): Promise<Contact | undefined> {
  const { rows } = await sql<Contact>`
    select c.id, c.workspace_id, c.name, c.metadata, c.created_at, c.updated_at, c.deleted_at, (
      select value from addresses
      where contact_id = c.id and kind = 'email' and deleted_at is null order by created_at limit 1
    ) as email
    from contacts c where c.id = ${contactId} and c.workspace_id = ${workspaceId} and c.deleted_at is null`.execute(db)
  return rows[0]
}

/** Those of some conversations that the contact is in. */
export async function findOwnConversationIds(
  db: Database,
  { contactId, workspaceId, conversationIds }: InWorkspace & { conversationIds: string[] },
): Promise<Set<string>> {
  if (conversationIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('contactParticipants as p')
    .innerJoin('conversations as c', 'c.id', 'p.conversationId')
    .select('c.id')
    .where('p.contactId', '=', contactId)
    .where('c.id', 'in', conversationIds)
    .where('c.workspaceId', '=', workspaceId)
    .where('c.kind', '=', 'customer')
    .where('c.deletedAt', 'is', null)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Conversation } from '../conversations/schema.ts'
import type { ContactConversation } from './schema.ts'

/** The conversation of a contact; undefined where there is none yet. */
export async function findContactConversation(
  db: Database,
  { workspaceId, contactId }: { workspaceId: string; contactId: string },
): Promise<ContactConversation | undefined> {
  type Row = Conversation & { workspaceId: string } & Omit<ContactConversation, 'conversation'>
  const { rows } = await sql<Row>`
    select c.id, c.workspace_id, c.kind, c.name, c.description, c.is_private, c.is_general, c.created_by, c.created_at,
      c.updated_at, c.deleted_at, t.contact_id, t.is_starred, t.read_ordinal
    from contact_conversations t join conversations c on c.id = t.conversation_id
    where t.contact_id = ${contactId} and t.workspace_id = ${workspaceId} and t.deleted_at is null`.execute(db)
  if (rows[0] === undefined) return undefined
  const { contactId: id, isStarred, readOrdinal, ...conversation } = rows[0]
  return { conversation, contactId: id, isStarred, readOrdinal }
}

import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Conversation } from '../conversations/schema.ts'
import type { ContactConversation } from './schema.ts'

/** The conversation of a contact; undefined where there is none yet. */
export async function findContactConversation(
  db: Database,
  { workspaceId, contactId }: { workspaceId: string; contactId: string },
): Promise<ContactConversation | undefined> {
  const [found] = await select(db, sql`t.contact_id = ${contactId} and t.workspace_id = ${workspaceId}`)
  return found
}

export async function findContactConversationById(db: Database, id: string): Promise<ContactConversation | undefined> {
  const [found] = await select(db, sql`t.conversation_id = ${id}`)
  return found
}

type Row = Conversation & { workspaceId: string } & Omit<ContactConversation, 'conversation'>

async function select(db: Database, condition: RawBuilder<unknown>): Promise<ContactConversation[]> {
  const { rows } = await sql<Row>`
    select c.id, c.workspace_id, c.kind, c.name, c.description, c.is_private, c.is_general, c.created_by, c.created_at,
      c.updated_at, c.deleted_at, t.contact_id, t.is_starred, t.read_ordinal
    from contact_conversations t join conversations c on c.id = t.conversation_id
    join workspaces w on w.id = t.workspace_id
    where ${condition} and t.deleted_at is null and w.deleted_at is null`.execute(db)
  return rows.map(({ contactId, isStarred, readOrdinal, ...conversation }) => {
    return { conversation, contactId, isStarred, readOrdinal }
  })
}

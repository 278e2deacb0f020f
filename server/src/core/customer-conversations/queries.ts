import { sql } from 'kysely'
import type pg from 'pg'
import type { Database } from '../../platform/database/database.ts'
import type { Conversation } from '../conversations/schema.ts'
import { CONVERSATION_SELECTION } from '../conversations/views.ts'
import type { CustomerConversation } from './schema.ts'

/** The contacts' ids in order: the same for a set, however it is named. */
export function contactsKey(contactIds: string[]): string {
  return [...contactIds].sort().join(' ')
}

type Named = { workspaceId: string; contactIds: string[] }

/** The general conversation of a set of contacts, or theirs of a name. */
export async function findConversationId(
  db: Database,
  { workspaceId, contactIds, name }: Named & { name: string | null },
): Promise<string | undefined> {
  const query = db
    .selectFrom('conversations')
    .select('id')
    .where('kind', '=', 'customer')
    .where('workspaceId', '=', workspaceId)
    .where('contactsKey', '=', contactsKey(contactIds))
    .where('deletedAt', 'is', null)
  const named =
    name === null ? query.where('isGeneral', '=', true) : query.where('isGeneral', '=', false).where('name', '=', name)
  return (await named.executeTakeFirst())?.id
}

/** Those of the conversations between contacts that stand in the workspace and were not deleted, by their ids. */
export async function findCustomerConversations(
  db: Database,
  workspaceId: string,
  ids: string[],
): Promise<Map<string, CustomerConversation>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<Conversation & Omit<CustomerConversation, 'conversation'>>`
    select ${CONVERSATION_SELECTION}, coalesce(s.last_message_at, c.created_at) as active_at, (
      select json_agg(json_build_object('id', k.id, 'name', k.name) order by p.place)
      from contact_participants p join contacts k on k.id = p.contact_id where p.conversation_id = c.id
    ) as contacts
    from conversations c join streams s on s.id = c.id
    where c.id = any(${ids}::uuid[]) and c.workspace_id = ${workspaceId} and c.kind = 'customer' and c.deleted_at is null
    `.execute(db)
  return new Map(
    rows.map(({ contacts, activeAt, ...conversation }) => [conversation.id, { conversation, contacts, activeAt }]),
  )
}

/** A conversation between contacts as it is remembered. */
export type KnownConversation = { id: string; workspaceId: string; contactIds: string[] }

/** Outside of transactions, for a cache; deleted conversations are left out. */
export async function loadCustomerConversations(pool: pg.Pool, ids: string[]): Promise<Map<string, KnownConversation>> {
  const text = `
    select c.id, c.workspace_id as "workspaceId", array(
      select contact_id from contact_participants p where p.conversation_id = c.id order by p.place
    ) as "contactIds"
    from conversations c where c.id = any($1::uuid[]) and c.kind = 'customer' and c.deleted_at is null`
  const { rows } = await pool.query<KnownConversation>({ name: 'customer_conversations', text, values: [ids] })
  return new Map(rows.map((row) => [row.id, row]))
}

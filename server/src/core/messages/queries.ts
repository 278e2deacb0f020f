import { sql } from 'kysely'
import type pg from 'pg'
import type { Database } from '../../platform/database/database.ts'
import type { Draft } from './draft.ts'
import type { Message } from './schema.ts'

/** A message's columns under the names of `Message`. */
export const MESSAGE_COLUMNS = `id, conversation_id as "conversationId", workspace_id as "workspaceId",
  author_kind as "authorKind", author_id as "authorId", kind, body, root_id as "rootId", reply_count as "replyCount",
  last_reply_at as "lastReplyAt", reaction_count as "reactionCount", mentions, attachments, metadata, client_id as "clientId",
  revision, created_at as "createdAt", updated_at as "updatedAt", edited_at as "editedAt", deleted_at as "deletedAt",
  ordinal, seq`

/**
 * Those of the drafts that stand in the log already, under their own id or under their client id: that of their author,
 * or of the workspace where the author is a contact.
 */
export async function findRepeats(client: pg.ClientBase, drafts: Draft[]): Promise<Map<Draft, Message>> {
  const text = `
    select r.i::int, m.*
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[]) with ordinality r (id, author_id, client_id, workspace_id, i)
    cross join lateral (
      (select ${MESSAGE_COLUMNS} from messages where id = r.id)
      union all
      (select ${MESSAGE_COLUMNS} from messages where author_id = r.author_id and client_id = r.client_id)
      union all
      (select ${MESSAGE_COLUMNS} from messages
        where author_kind = 'contact' and workspace_id = r.workspace_id and client_id = r.client_id)
      limit 1
    ) m`
  const values = [
    drafts.map(({ id }) => id),
    drafts.map(({ authorId }) => authorId),
    drafts.map(({ clientId }) => clientId),
    drafts.map(({ authorKind, workspaceId }) => (authorKind === 'contact' ? workspaceId : null)),
  ]
  const { rows } = await client.query<Message & { i: number }>({ name: 'find_repeats', text, values })
  return new Map(rows.map(({ i, ...message }) => [drafts[i - 1]!, message]))
}

export async function findMessage(db: Database, id: string): Promise<Message | undefined> {
  const { rows } = await sql<Message>`select ${sql.raw(MESSAGE_COLUMNS)} from messages where id = ${id}`.execute(db)
  return rows[0]
}

/** Those of some messages that there are, in the order of the ids. */
export async function findMessages(db: Database, ids: string[]): Promise<Message[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<Message>`
    select ${sql.raw(MESSAGE_COLUMNS)} from messages where id = any(${ids}::uuid[])`.execute(db)
  const found = new Map(rows.map((message) => [message.id, message]))
  return ids.flatMap((id) => found.get(id) ?? [])
}

/** The root of the thread that a message belongs to, itself where it begins one; undefined outside the conversation. */
export async function findThreadRoot(
  db: Database,
  messageId: string,
  conversationId: string,
): Promise<{ id: string; authorId: string } | undefined> {
  return db
    .selectFrom('messages as m')
    .innerJoin('messages as r', (join) => join.on((eb) => eb('r.id', '=', eb.fn.coalesce('m.rootId', 'm.id'))))
    .select(['r.id', 'r.authorId'])
    .where('m.id', '=', messageId)
    .where('m.conversationId', '=', conversationId)
    .executeTakeFirst()
}

/** Who wrote in a thread and is still in its conversation. */
export async function listThreadAuthorIds(
  db: Database,
  conversationId: string,
  rootId: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('messages as m')
    .innerJoin('participants as p', (join) =>
      join.onRef('p.userId', '=', 'm.authorId').onRef('p.conversationId', '=', 'm.conversationId'),
    )
    .select('m.authorId')
    .distinct()
    .where('m.conversationId', '=', conversationId)
    .where((eb) => eb.or([eb('m.id', '=', rootId), eb('m.rootId', '=', rootId)]))
    .limit(limit)
    .execute()
  return rows.map((row) => row.authorId)
}

/** The newest message of each conversation that was not deleted, by the conversation's id. */
export async function findLastMessages(db: Database, conversationIds: string[]): Promise<Map<string, Message>> {
  if (conversationIds.length === 0) return new Map()
  const { rows } = await sql<Message>`
    select m.* from unnest(${conversationIds}::uuid[]) as t (stream_id) cross join lateral (
      select ${sql.raw(MESSAGE_COLUMNS)} from messages
      where conversation_id = t.stream_id and deleted_at is null order by ordinal desc limit 1
    ) m`.execute(db)
  return new Map(rows.map((message) => [message.conversationId, message]))
}

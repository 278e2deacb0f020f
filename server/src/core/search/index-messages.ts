import { sql } from 'kysely'
import type { Database, DatabasePool } from '../../platform/database/database.ts'
import type { TakenPart } from '../log/log-follower.ts'
import type { Message } from '../messages/schema.ts'
import { buildDocument } from './build-document.ts'

/** The row of log_readers that holds how far the index has read, and that one node at a time locks. */
export const READER = 'search'

type EventRow = { position: number; message: Message | null }

/**
 * Takes the next events of the log into the search index. The rows and the position commit together, so that a crash
 * neither skips nor repeats; a commit that is lost with a crash of the database is only done again, so it is not
 * waited for.
 */
export async function indexMessages({ kysely }: DatabasePool, eventsMax: number): Promise<TakenPart> {
  return kysely.transaction().execute(async (db) => {
    await sql`set local synchronous_commit = off`.execute(db)
    const reader = await db
      .selectFrom('logReaders')
      .select('position')
      .where('name', '=', READER)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst()
    if (reader === undefined) return { position: undefined, isFull: false }
    const events = await readEvents(db, reader.position, eventsMax)
    const position = events.at(-1)?.position
    if (position === undefined) return { position: reader.position, isFull: false }
    await applyMessages(db, lastStates(events))
    await db.updateTable('logReaders').set({ position }).where('name', '=', READER).execute()
    return { position, isFull: events.length === eventsMax }
  })
}

async function readEvents(db: Database, position: number, limit: number): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    select position,
      case when type in ('message.created', 'message.updated', 'message.deleted') then data -> 'message' end as message
    from events where position > ${position} order by position limit ${limit}`.execute(db)
  return rows
}

/** Of each message what the last event says. */
function lastStates(events: EventRow[]): Message[] {
  return [...new Map(events.flatMap(({ message }) => (message === null ? [] : [[message.id, message]]))).values()]
}

async function applyMessages(db: Database, messages: Message[]): Promise<void> {
  const deleted = messages.filter(({ deletedAt }) => deletedAt !== null).map(({ id }) => id)
  if (deleted.length > 0) await db.deleteFrom('messageSearch').where('messageId', 'in', deleted).execute()
  const rows = messages.filter(({ deletedAt }) => deletedAt === null).map(encodeRow)
  if (rows.length === 0) return
  await sql`
    insert into message_search (message_id, conversation_id, author_id, created_at, document)
    select * from json_to_recordset(${JSON.stringify(rows)}::json)
      as r (message_id uuid, conversation_id uuid, author_id uuid, created_at timestamptz, document tsvector)
    on conflict (message_id) do update set document = excluded.document`.execute(db)
}

function encodeRow(message: Message) {
  return {
    message_id: message.id,
    conversation_id: message.conversationId,
    author_id: message.authorId,
    created_at: message.createdAt,
    document: buildDocument(message),
  }
}

import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { Database, DatabasePool } from '../../platform/database/database.ts'
import { deriveId } from '../derive-id.ts'
import type { TakenPart } from '../log/log-follower.ts'
import { CLIENT_EVENT_TYPES } from './schema.ts'

/** The row of log_readers that holds how far the feed has read, and that one node at a time locks. */
export const READER = 'client_events'

/** `copied`: events that clients are shown. */
export type CopiedPart = TakenPart & { copied: number }

/**
 * Copies the next events of the log into the feed, and makes a delivery of each for every endpoint that wants it. Rows
 * and position commit together, so that a crash neither skips nor repeats. A commit that is lost with a crash of the
 * database is done again and gives the same ids, so it is not waited for.
 */
export async function copyEvents(
  { kysely }: DatabasePool,
  { at, eventsMax }: { at: Timestamp; eventsMax: number },
): Promise<CopiedPart> {
  return kysely.transaction().execute(async (db) => {
    await sql`set local synchronous_commit = off`.execute(db)
    const reader = await db
      .selectFrom('logReaders')
      .select('position')
      .where('name', '=', READER)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst()
    if (reader === undefined) return { position: undefined, copied: 0, isFull: false }
    const after = reader.position
    const { last, events } = await measureBite(db, { after, eventsMax })
    if (last === null) return { position: after, copied: 0, isFull: false }
    const copied = await copyBite(db, { after, last, at })
    return { position: last, copied, isFull: events === eventsMax }
  })
}

/** Read by itself, so that the copying statement is planned for a short part of a long table. */
async function measureBite(db: Database, { after, eventsMax }: { after: number; eventsMax: number }) {
  const { rows } = await sql<{ last: number | null; events: number }>`
    select max(position) as last, count(*) as events from (
      select position from events where position > ${after} order by position limit ${eventsMax}
    ) b`.execute(db)
  return rows[0]!
}

type Bite = { after: number; last: number; at: Timestamp }

// An endpoint is locked against being disabled or deleted until its new deliveries are there to be cancelled.
async function copyBite(db: Database, { after, last, at }: Bite): Promise<number> {
  const { rows } = await sql<{ copied: number }>`
    with shown as materialized (
      select e.position, e.workspace_id, e.type, e.stream_id, e.data, e.created_at
      from events e
      join workspaces w on w.id = e.workspace_id and w.has_client_events
      left join conversations c on c.id = e.stream_id
      where e.position > ${after} and e.position <= ${last} and e.type = any(${[...CLIENT_EVENT_TYPES]}::text[])
        and (e.type like 'contact.%' or c.kind = 'customer')
    ), copied as (
      insert into client_events (id, position, workspace_id, type, stream_id, data, created_at)
      select ${deriveId(sql.ref('s.created_at'), sql`s.workspace_id || ' ' || s.position`)},
        s.position, s.workspace_id, s.type, s.stream_id, ${COMPLETE_DATA}, s.created_at
      from shown s order by s.position
      on conflict (position) do nothing
      returning id, position, workspace_id, type, created_at
    ), counted as (
      insert into list_counts as l (kind, owner_id, count)
      select 'client_events:' || type, workspace_id, count(*) from copied group by type, workspace_id
      on conflict (kind, owner_id) do update set count = l.count + excluded.count
    ), wanting as materialized (
      select id, workspace_id, event_types, from_position from webhook_endpoints
      where workspace_id in (select workspace_id from copied) and deleted_at is null and disabled_at is null
      for share
    ), delivered as (
      insert into webhook_deliveries (id, endpoint_id, event_id, event_type, position, next_attempt_at, created_at)
      select ${deriveId(sql.ref('c.created_at'), sql`c.id || ' ' || w.id`)}, w.id, c.id, c.type, c.position, 'epoch', ${at}
      from copied c join wanting w on w.workspace_id = c.workspace_id
      where c.position > w.from_position and (w.event_types is null or c.type = any(w.event_types))
      on conflict (id) do nothing
    ), moved as (
      update log_readers set position = ${last} where name = ${READER}
    )
    select count(*) as copied from copied`.execute(db)
  return rows[0]!.copied
}

// An edit's event does not say who wrote the message, nor a renaming's who is in the conversation. That of a new message,
// of which there are most, is not taken apart.
const COMPLETE_DATA = sql`case
  when s.type = 'message.created' then s.data
  when s.type like 'message.%' then json_build_object(
    'message', s.data -> 'message',
    'author', coalesce(s.data -> 'author', (
      select json_build_object('id', k.id, 'name', k.name) from contacts k
      where k.id = (s.data -> 'message' ->> 'authorId')::uuid)))
  when s.type like 'conversation.%' then json_build_object(
    'conversation', s.data -> 'conversation',
    'contacts', coalesce(s.data -> 'contacts', (
      select json_agg(json_build_object('id', k.id, 'name', k.name) order by p.place)
      from contact_participants p join contacts k on k.id = p.contact_id
      where p.conversation_id = s.stream_id), '[]'))
  else s.data end`

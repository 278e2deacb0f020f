// The event log. Ordering: an event's seq is given under the lock of its stream's head, its position under one
// lock for the whole log that is taken last and held until the commit. So positions rise in commit order, and
// who has read up to a position can never find an event before it later. A rolled back transaction leaves a
// hole among the positions, never among the seqs.
// Lock order, for everybody: stream heads in the order of their ids, then other rows, then the log.

import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { LoggedEvent, NewEvent, StreamKind } from './events.ts'

/** The advisory lock that orders the log; any fixed number. */
export const LOG_LOCK = 7_201_002

/** The channel on which a node tells the others that the log has grown; the payload is the node's name. */
export const LOG_CHANNEL = 'parlance_log'

/** Writes the events of a transaction that is about to commit: nothing else may lock a row after this. */
export async function appendEvents(
  db: Database,
  { events, at, nodeId }: { events: NewEvent[]; at: Timestamp; nodeId: string },
): Promise<LoggedEvent[]> {
  if (events.length === 0) return []
  const input = JSON.stringify(
    events.map((event, i) => ({
      i,
      stream_id: event.streamId,
      workspace_id: event.workspaceId,
      type: event.type,
      data: JSON.stringify(event.data),
    })),
  )
  const written = await sql<{ i: number; position: number; seq: number }>`
    with input as materialized (
      select * from json_to_recordset(${input}::json)
        as t(i int, stream_id uuid, workspace_id uuid, type text, data text)
    ), heads as materialized (
      select id from streams where id in (select stream_id from input) order by id for update
    ), bumped as (
      update streams s set event_seq = s.event_seq + n.events
      from (select stream_id, count(*) as events from input group by stream_id) n, heads h
      where h.id = n.stream_id and s.id = h.id
      returning s.id, s.event_seq - n.events as base
    ), log as materialized (
      select pg_advisory_xact_lock(${LOG_LOCK}), pg_notify(${LOG_CHANNEL}, ${nodeId}) from (select count(*) from bumped) b
    ), numbered as materialized (
      select t.*, b.base + row_number() over (partition by t.stream_id order by t.i) as seq
      from input t join bumped b on b.id = t.stream_id cross join log order by t.i
    ), placed as materialized (
      select nextval('event_positions') as position, n.* from numbered n
    ), written as (
      insert into events (position, stream_id, seq, workspace_id, type, data, created_at)
      select position, stream_id, seq, workspace_id, type, data::json, ${at} from placed
    )
    select i, position, seq from placed order by i`.execute(db)
  if (written.rows.length !== events.length) throw new Error('An event names a stream that does not exist.')
  return written.rows.map(({ i, position, seq }) => ({ ...events[i]!, position, seq, createdAt: at }))
}

/** Makes the head of a new conversation, workspace or user. */
export async function createStream(db: Database, id: string, kind: StreamKind): Promise<void> {
  await db.insertInto('streams').values({ id, kind }).execute()
}

/**
 * Takes the stream's head before any of its rows, as the lock order asks, where an operation changes rows that
 * the message writer changes too.
 */
export async function lockStream(db: Database, id: string): Promise<void> {
  await lockStreams(db, [id])
}

/** The same for an operation that will announce to several streams: taken one by one they could deadlock. */
export async function lockStreams(db: Database, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`select id from streams where id = any(${ids}::uuid[]) order by id for update`.execute(db)
}

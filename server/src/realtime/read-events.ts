import type { LoggedEvent } from '../core/log/events.ts'
import type { DatabasePool } from '../platform/database/database.ts'
import type { Place } from './cursor.ts'
import type { StreamRef } from './membership-effects.ts'
import { splitFollowed } from './timelines.ts'

const COLUMNS = `position, stream_id as "streamId", seq, workspace_id as "workspaceId", type, data, created_at as "createdAt"`

// The window is walked by the primary key whatever the planner thinks of the streams: OFFSET 0 keeps their
// condition out of the inner query, and the limit ends the walk early.
const EVENTS_BETWEEN = `
  select * from (
    select ${COLUMNS} from events where position > $1 and position <= $2 order by position offset 0
  ) w where w."streamId" = any($3::uuid[]) limit $4`

// Also those that may be of the timelines of some workspaces: which are, timelinesIdOf decides here as for the hub.
const WITH_TIMELINES_BETWEEN = `
  select * from (
    select ${COLUMNS} from events where position > $1 and position <= $2 order by position offset 0
  ) w where w."streamId" = any($3::uuid[]) or (
    w."workspaceId" = any($5::uuid[]) and (
      w.type in ('contact.updated', 'contact.deleted')
      or exists (select from contact_conversations t where t.conversation_id = w."streamId")
    )
  ) limit $4`

export type Between = { after: number; upTo: number; followed: Iterable<StreamRef>; limit: number }

/** Events of what is followed between two positions, in order. */
export async function readEventsBetween({ pool }: DatabasePool, between: Between): Promise<LoggedEvent[]> {
  const { streamIds, workspaceIds } = splitFollowed(between.followed)
  const values = [between.after, between.upTo, streamIds, between.limit]
  const query =
    workspaceIds.length === 0
      ? { name: 'realtime_events_between', text: EVENTS_BETWEEN, values }
      : { name: 'realtime_timelines_between', text: WITH_TIMELINES_BETWEEN, values: [...values, workspaceIds] }
  const { rows } = await pool.query<LoggedEvent>(query)
  return rows
}

/** Events of one stream after a seq, in order. */
export async function readStreamAfter(
  { pool }: DatabasePool,
  { streamId, after, limit }: { streamId: string; after: number; limit: number },
): Promise<LoggedEvent[]> {
  const text = `select ${COLUMNS} from events where stream_id = $1 and seq > $2 order by seq limit $3`
  const { rows } = await pool.query<LoggedEvent>({ name: 'realtime_stream', text, values: [streamId, after, limit] })
  return rows
}

/** The seq and the position of a stream's newest event; zeros where it has none. */
export async function readStreamHead(
  { pool }: DatabasePool,
  streamId: string,
): Promise<{ head: number; position: number }> {
  const text = `select seq as head, position from events where stream_id = $1 order by seq desc limit 1`
  const { rows } = await pool.query<{ head: number; position: number }>({
    name: 'realtime_stream_head',
    text,
    values: [streamId],
  })
  return rows[0] ?? { head: 0, position: 0 }
}

/** When the event at a position was recorded; undefined where there is none. */
export async function readEventTime({ pool }: DatabasePool, position: number): Promise<number | undefined> {
  const text = 'select created_at as "createdAt" from events where position = $1'
  const { rows } = await pool.query<{ createdAt: string }>({ name: 'realtime_event_time', text, values: [position] })
  return rows[0] === undefined ? undefined : Date.parse(rows[0].createdAt)
}

export type NewestEvent = Place & { streamId: string }

/** The newest event of each stream that has any. The newest event of a stream is kept for as long as the stream. */
export async function readNewestEvents(
  { pool }: DatabasePool,
  streams: { id: string; head: number }[],
): Promise<NewestEvent[]> {
  const text = `
    select e.stream_id as "streamId", e.position, e.created_at as "createdAt"
    from unnest($1::uuid[], $2::bigint[]) as s(id, head) join events e on e.stream_id = s.id and e.seq = s.head`
  const values = [streams.map((stream) => stream.id), streams.map((stream) => stream.head)]
  const { rows } = await pool.query<{ streamId: string; position: number; createdAt: string }>({
    name: 'realtime_newest_events',
    text,
    values,
  })
  return rows.map(({ streamId, position, createdAt }) => ({ streamId, position, atMs: Date.parse(createdAt) }))
}

import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'

/** How long an event can be replayed, in milliseconds. */
export const EVENTS_KEPT_MS = 72 * 60 * 60 * 1000

const PAGE_EVENTS = 5_000
const PAGES_MAX = 2_000

/**
 * Removes events that are too old to be replayed. The last one of each stream stays, so that whoever comes back after
 * a long time still learns which streams moved; so does what a reader of the log has yet to read.
 */
export async function trimEvents(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  const before = addMs(ctx.now(), -EVENTS_KEPT_MS)
  let removed = 0
  let after = 0
  for (let page = 0; page < PAGES_MAX; page++) {
    const trimmed = await trimPage(ctx.db, { after, before })
    removed += trimmed.removed
    if (trimmed.old < PAGE_EVENTS) break
    after = trimmed.last
  }
  return { removed }
}

type Trimmed = { old: number; last: number; removed: number }

async function trimPage(db: Database, { after, before }: { after: number; before: Timestamp }): Promise<Trimmed> {
  const { rows } = await sql<Trimmed>`
    with page as materialized (
      select position, stream_id, seq, created_at from events where position > ${after} order by position
      limit ${sql.lit(PAGE_EVENTS)}
    ), old as materialized (
      select * from page where created_at < ${before} and position <= (select min(position) from log_readers)
    ), removed as (
      delete from events e using old o, streams s
      where e.position = o.position and s.id = o.stream_id and o.seq < s.event_seq
      returning 1
    )
    select (select count(*) from old) as old, coalesce((select max(position) from old), 0) as last,
      (select count(*) from removed) as removed`.execute(db)
  return rows[0]!
}

import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { ScheduledInput } from './queries.ts'
import type { Schedule } from './schema.ts'

/** For so long a message is its node's alone, in milliseconds: the writer of messages gives up long before. */
export const LEASE_MS = 30_000

// More than wait in one conversation, so that none keeps the others out.
const WINDOW = 1_000
const CLAIM_LOCK = 7_201_008

/** A message that this node sends now. */
export type Claim = Pick<
  Schedule,
  'id' | 'workspaceId' | 'conversationId' | 'authorUserId' | 'transport' | 'scheduledAt'
> & {
  input: ScheduledInput
  /** The attempt's number, from 1. */
  number: number
  leaseEndsAt: Timestamp
}

/**
 * Takes what is due, longest first, and of each conversation one at a time, so that what was scheduled for earlier is
 * written earlier. One that is tried again later is in nobody's way.
 */
export async function claimSchedules(
  db: Database,
  { now, rowsMax }: { now: Timestamp; rowsMax: number },
): Promise<Claim[]> {
  const leaseEndsAt = addMs(now, LEASE_MS)
  // Claims are given out one after another, so that two nodes never have two of one conversation.
  await sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`.execute(db)
  const { rows } = await sql<Omit<Claim, 'leaseEndsAt'>>`
    with near as materialized (
      select id, conversation_id, scheduled_at, due_at from scheduled_messages
      where status = 'scheduled' and due_at <= ${now} order by due_at, id limit ${sql.lit(WINDOW)}
    ), firsts as (
      select distinct on (conversation_id) * from near order by conversation_id, scheduled_at, id
    ), free as materialized (
      select f.id from firsts f
      where not exists (
        select from scheduled_messages o
        where o.conversation_id = f.conversation_id and o.claimed_until is not null and o.claimed_until > ${now}
      )
      order by f.due_at, f.id limit ${rowsMax}
    ), held as materialized (
      select s.id from scheduled_messages s
      where s.id = any(array(select id from free)) and s.status = 'scheduled' and s.due_at <= ${now}
      order by s.id for update skip locked
    ), claimed as (
      update scheduled_messages s set due_at = ${leaseEndsAt}, claimed_until = ${leaseEndsAt},
        attempt_count = s.attempt_count + 1
      where s.id = any(array(select id from held))
      returning s.id, s.workspace_id, s.conversation_id, s.author_user_id, s.transport, s.scheduled_at, s.input,
        s.attempt_count as number
    )
    select * from claimed order by scheduled_at, id`.execute(db)
  return rows.map((row) => ({ ...row, leaseEndsAt }))
}

import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { InboundStatus } from './schema.ts'

/** How an attempt to apply a webhook ended. */
export type ApplyResult = {
  id: string
  kind: string
  /** The attempt's number, from 1. */
  number: number
  /** `pending` where it is tried again. */
  status: InboundStatus
  /** When that is; null where it has ended. */
  dueAt: Timestamp | null
  /** In plain text, without anything of the webhook. */
  error: string | null
  endedAt: Timestamp
  /** It was claimed and never begun: that was no attempt. */
  isUntried: boolean
}

/**
 * Writes down how attempts ended. A failure that comes after its lease has ended and another attempt has begun changes
 * nothing; a success counts whenever it comes.
 */
export async function writeApplyResults(db: Database, results: readonly ApplyResult[]): Promise<void> {
  if (results.length === 0) return
  await sql`
    update inbound_webhooks w
    set status = r.status, due_at = coalesce(r."dueAt", w.due_at),
      error = case when r.status = 'pending' then coalesce(r.error, w.error) else r.error end,
      applied_at = case when r.status = 'applied' then r."endedAt" end,
      attempt_count = w.attempt_count - r."isUntried"::int
    from json_to_recordset(${JSON.stringify(results)}::json) as r (
      id uuid, number int, status text, "dueAt" timestamptz, error text, "endedAt" timestamptz, "isUntried" boolean)
    where w.id = r.id and w.status = 'pending'
      and (w.attempt_count = r.number or r.status in ('applied', 'ignored'))`.execute(db)
}

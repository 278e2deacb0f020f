import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { StoredWebhook } from './schema.ts'

/** For so long a webhook is its node's alone: a batch, what follows when it fails, and time to write it down. */
export const LEASE_MS = 60_000

/** A webhook that this node may apply until its lease ends. */
export type Claim = StoredWebhook & {
  /** The attempt's number, from 1. */
  number: number
  leaseEndsAt: Timestamp
}

export type ClaimLimits = {
  now: Timestamp
  rowsMax: number
  /** Of bodies, the last one not counted. */
  bytesMax: number
}

/** Takes what is due, in the order in which it came or became due again. */
export async function claimInboundWebhooks(db: Database, { now, rowsMax, bytesMax }: ClaimLimits): Promise<Claim[]> {
  const leaseEndsAt = addMs(now, LEASE_MS)
  const { rows } = await sql<Omit<Claim, 'leaseEndsAt'>>`
    with due as materialized (
      select id, due_at, octet_length(body) as bytes from inbound_webhooks
      where status = 'pending' and due_at <= ${now} order by due_at, id limit ${rowsMax} for update skip locked
    ), taken as materialized (
      select id, due_at from (select *, sum(bytes) over (order by due_at, id) - bytes as before from due) d
      where before < ${bytesMax}
    ), claimed as (
      update inbound_webhooks w set due_at = ${leaseEndsAt}, attempt_count = w.attempt_count + 1
      where w.id = any(array(select id from taken))
      returning w.id, w.kind, w.key, w.url, w.headers, w.body, w.received_at, w.attempt_count as number
    )
    select c.* from claimed c join taken t on t.id = c.id order by t.due_at, t.id`.execute(db)
  return rows.map((row) => ({ ...row, leaseEndsAt }))
}

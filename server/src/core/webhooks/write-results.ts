import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { AttemptResult } from './judge-reply.ts'
import { RETRY_FOR_MS } from './retry-schedule.ts'

/**
 * Writes down how attempts went; gives the endpoints that have failed for so long that they are to be disabled. A result
 * that comes after its lease has ended and another attempt has begun changes only the log of attempts.
 */
export async function writeResults(
  db: Database,
  { results, now }: { results: AttemptResult[]; now: Timestamp },
): Promise<string[]> {
  if (results.length === 0) return []
  const { rows } = await sql<{ id: string }>`
    with r as materialized (
      select * from json_to_recordset(${JSON.stringify(results)}::json) as t (
        "deliveryId" uuid, "endpointId" uuid, number int, "startedAt" timestamptz, "finishedAt" timestamptz,
        "durationMs" int, "statusCode" int, error text, "responseExcerpt" text, status text, "nextAttemptAt" timestamptz)
    ), logged as (
      insert into webhook_attempts (delivery_id, number, started_at, duration_ms, status_code, error, response_excerpt)
      select d.id, r.number, r."startedAt", r."durationMs", r."statusCode", r.error, r."responseExcerpt"
      from r join webhook_deliveries d on d.id = r."deliveryId"
      on conflict do nothing
    ), settled as (
      update webhook_deliveries d
      set status = r.status, next_attempt_at = coalesce(r."nextAttemptAt", d.next_attempt_at), leased_by = null,
        finished_at = case when r.status <> 'pending' then r."finishedAt" end
      from r where d.id = r."deliveryId" and d.attempt_count = r.number
        and (d.status = 'pending' or (d.status = 'cancelled' and r.status <> 'pending'))
    ), outcomes as (
      select "endpointId" as id, bool_or(status = 'delivered') as is_well, min("finishedAt") as at from r group by 1
    ), changed as (
      update webhook_endpoints e set failing_since = case when not o.is_well then o.at end
      from outcomes o where e.id = o.id and (e.failing_since is null) <> o.is_well
    )
    select e.id from outcomes o join webhook_endpoints e on e.id = o.id
    where not o.is_well and e.failing_since < ${addMs(now, -RETRY_FOR_MS)}
      and e.disabled_at is null and e.deleted_at is null`.execute(db)
  return rows.map(({ id }) => id)
}

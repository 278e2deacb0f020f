import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'

/** For so long a delivery is its node's alone: an attempt, and time to write down how it went. In milliseconds. */
export const LEASE_MS = 20_000

// Of more endpoints with something due, the next turn looks at the others.
const ENDPOINTS_MAX = 500
const CLAIM_LOCK = 7_201_004
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

export type DueEndpoint = {
  endpointId: string
  /** Attempts that are under way, on any node. */
  inFlight: number
}

/** A delivery that this node may attempt until its lease ends. */
export type Claim = {
  deliveryId: string
  endpointId: string
  eventId: string
  eventType: string
  position: number
  /** The attempt's number, from 1. */
  number: number
  firstAttemptAt: Timestamp
  createdAt: Timestamp
  /** Null where the event is no longer kept, and for a test. */
  data: unknown
  eventCreatedAt: Timestamp | null
  url: string
  isLive: boolean
  secret: Buffer
  previousSecret: Buffer | null
  previousSecretEndsAt: Timestamp | null
}

/** Claims are given out one after another, so that nodes together keep to the limit of an endpoint. */
export async function lockClaims(db: Database): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`.execute(db)
}

/** Endpoints with something due, in the order of their ids after `after`; `next` is where the next turn begins. */
export async function listDueEndpoints(
  db: Database,
  { now, after }: { now: Timestamp; after: string | undefined },
): Promise<{ endpoints: DueEndpoint[]; next: string | undefined }> {
  // One step in the index for each endpoint that has anything pending, however much that is. Leases of a node that read
  // its clock later than this one end later too.
  const { rows } = await sql<{ endpoint_id: string; is_due: boolean; in_flight: number }>`
    with recursive waiting as (
      (select endpoint_id, 1 as place from webhook_deliveries
       where status = 'pending' and endpoint_id > ${after ?? BEFORE_ALL} order by endpoint_id limit 1)
      union all
      select n.endpoint_id, w.place + 1 from waiting w cross join lateral (
        select endpoint_id from webhook_deliveries d where d.status = 'pending' and d.endpoint_id > w.endpoint_id
        order by endpoint_id limit 1
      ) n where w.place < ${ENDPOINTS_MAX}
    )
    select w.endpoint_id, (e.disabled_at is null and e.deleted_at is null and exists (
      select 1 from webhook_deliveries d
      where d.endpoint_id = w.endpoint_id and d.status = 'pending' and d.next_attempt_at <= ${now}
    )) as is_due, (
      select count(*) from webhook_deliveries d
      where d.endpoint_id = w.endpoint_id and d.status = 'pending' and d.next_attempt_at > ${now}
        and d.next_attempt_at <= ${addMs(now, 2 * LEASE_MS)} and d.leased_by is not null
    ) as in_flight
    from waiting w join webhook_endpoints e on e.id = w.endpoint_id order by w.endpoint_id`.execute(db)
  const found = rows as unknown as { endpointId: string; isDue: boolean; inFlight: number }[]
  return {
    endpoints: found.filter(({ isDue }) => isDue),
    next: found.length < ENDPOINTS_MAX ? undefined : found.at(-1)!.endpointId,
  }
}

export type ClaimRequest = { endpointId: string; deliveries: number }

/** Takes so many deliveries of each endpoint: those not tried before first, in the order of the log. */
export async function claimDeliveries(
  db: Database,
  { now, nodeId, requests }: { now: Timestamp; nodeId: string; requests: ClaimRequest[] },
): Promise<Claim[]> {
  // As an array, since the planner takes the requests for many and would read the whole table for them.
  const { rows } = await sql<Claim>`
    with chosen as materialized (
      select d.id from json_to_recordset(${JSON.stringify(requests)}::json) as r ("endpointId" uuid, deliveries int)
      cross join lateral (
        select id from webhook_deliveries
        where endpoint_id = r."endpointId" and status = 'pending' and next_attempt_at <= ${now}
        order by next_attempt_at, position limit r.deliveries for update skip locked
      ) d
    ), claimed as (
      update webhook_deliveries d
      set leased_by = ${nodeId}, next_attempt_at = ${addMs(now, LEASE_MS)}, attempt_count = d.attempt_count + 1,
        first_attempt_at = coalesce(d.first_attempt_at, ${now})
      where d.id = any(array(select id from chosen))
      returning d.*
    )
    select d.id as delivery_id, d.endpoint_id, d.event_id, d.event_type, d.position, d.attempt_count as number,
      d.first_attempt_at, d.created_at, v.data, v.created_at as event_created_at, e.url, e.is_live, e.secret,
      e.previous_secret, e.previous_secret_ends_at
    from claimed d join webhook_endpoints e on e.id = d.endpoint_id left join client_events v on v.id = d.event_id
    order by d.position, d.created_at`.execute(db)
  return rows
}

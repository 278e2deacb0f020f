import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import { isUuid } from '../uuid.ts'
import type { Delivery, HeardStep, Step } from './schema.ts'
import type { KeptDelivery } from './settle-step.ts'

const DELIVERY = sql`d.id, d.message_id, d.conversation_id, d.workspace_id, d.sender_id, d.transport, d.carrier,
  d.to_address, d.email, d.status, d.carrier_id, d.carrier_status, d.error_code, d.error_reason, d.created_at, d.updated_at`

/** The deliveries of messages, by the message's id. */
export async function findDeliveriesOf(db: Database, messageIds: string[]): Promise<Map<string, Delivery>> {
  if (messageIds.length === 0) return new Map()
  const { rows } = await sql<Delivery>`
    select ${DELIVERY} from deliveries d where d.message_id = any(${messageIds}::uuid[])`.execute(db)
  return new Map(rows.map((row) => [row.messageId, row]))
}

type Reported = { carrier: string; deliveryId: string | null; carrierId: string | null; to: string | null }

/**
 * The deliveries that reports of carriers are about, in their order, by our id or else by theirs; undefined where there is
 * none that went over that carrier, and for what is about somebody who got a copy.
 */
export async function findReported(db: Database, reports: readonly Reported[]): Promise<(string | undefined)[]> {
  const asked = reports.map(({ carrier, deliveryId, carrierId, to }, i) => {
    return { i, carrier, carrierId, to: to?.toLowerCase() ?? null, deliveryId: isUuid(deliveryId) ? deliveryId : null }
  })
  const { rows } = await sql<{ i: number; id: string }>`
    select r.i, coalesce(a.id, b.id) as id
    from ${records(asked, sql`i int, carrier text, "deliveryId" uuid, "carrierId" text, "to" text`)}
    left join deliveries a on a.id = r."deliveryId" and a.carrier = r.carrier
    left join deliveries b on b.carrier = r.carrier and b.carrier_id = r."carrierId"
    where coalesce(a.id, b.id) is not null
      and (r."to" is null or r."to" = lower(coalesce(a.to_address, b.to_address)))`.execute(db)
  const found = new Map(rows.map(({ i, id }) => [i, id]))
  return reports.map((_, i) => found.get(i))
}

export async function listConversationsOf(db: Database, deliveryIds: string[]): Promise<string[]> {
  const rows = await db.selectFrom('deliveries').select('conversationId').where('id', 'in', deliveryIds).execute()
  return rows.map(({ conversationId }) => conversationId)
}

/** Locks deliveries until the commit, in the order of their ids. */
export async function holdDeliveries(db: Database, ids: string[]): Promise<KeptDelivery[]> {
  const { rows } = await sql<KeptDelivery>`
    select ${DELIVERY}, d.attempt_count, d.due_at from deliveries d where d.id = any(${ids}::uuid[])
    order by d.id for update`.execute(db)
  return rows
}

export async function updateDeliveries(db: Database, deliveries: KeptDelivery[]): Promise<void> {
  if (deliveries.length === 0) return
  await sql`
    update deliveries d set status = r.status, carrier_id = r."carrierId", carrier_status = r."carrierStatus",
      error_code = r."errorCode", error_reason = r."errorReason", due_at = r."dueAt", updated_at = r."updatedAt"
    from ${records(
      deliveries,
      sql`id uuid, status text, "carrierId" text, "carrierStatus" text, "errorCode" text,
      "errorReason" text, "dueAt" timestamptz, "updatedAt" timestamptz`,
    )}
    where d.id = r.id`.execute(db)
}

/** Adds steps behind those that a delivery has. The caller holds the deliveries. */
export async function insertSteps(db: Database, steps: HeardStep[]): Promise<void> {
  if (steps.length === 0) return
  const numbered = steps.map((step, i) => ({ ...step, i }))
  await sql`
    insert into delivery_steps
      (delivery_id, number, status, source, carrier_status, code, reason, report_key, occurred_at)
    select r."deliveryId", coalesce(k.known, 0) + row_number() over (partition by r."deliveryId" order by r.i), r.status,
      r.source, r."carrierStatus", r.code, r.reason, r."reportKey", r."occurredAt"
    from ${records(
      numbered,
      sql`i int, "deliveryId" uuid, status text, source text, "carrierStatus" text, code text,
      reason text, "reportKey" text, "occurredAt" timestamptz`,
    )}
    left join lateral (
      select max(number) as known from delivery_steps s where s.delivery_id = r."deliveryId"
    ) k on true`.execute(db)
}

/** Of reports those that were heard before, as `<delivery> <key>`. */
export async function listKnownReports(db: Database, steps: HeardStep[]): Promise<Set<string>> {
  const { rows } = await sql<{ known: string }>`
    select s.delivery_id || ' ' || s.report_key as known
    from ${records(steps, sql`"deliveryId" uuid, "reportKey" text`)}
    join delivery_steps s on s.delivery_id = r."deliveryId" and s.report_key = r."reportKey"`.execute(db)
  return new Set(rows.map(({ known }) => known))
}

/** All that was heard of a delivery, oldest first; up to 1,000. */
export async function listSteps(db: Database, deliveryId: string): Promise<Omit<Step, 'attempt' | 'dueAt'>[]> {
  const rows = await db
    .selectFrom('deliverySteps')
    .select(['status', 'source', 'carrierStatus', 'code', 'reason', 'reportKey', 'occurredAt'])
    .where('deliveryId', '=', deliveryId)
    .orderBy('number')
    .limit(1_000)
    .execute()
  return rows as unknown as Omit<Step, 'attempt' | 'dueAt'>[]
}

// One parameter however many rows, so that the statement is the same for all.
function records(rows: object[], columns: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`json_to_recordset(${JSON.stringify(rows)}::json) as r (${columns})`
}

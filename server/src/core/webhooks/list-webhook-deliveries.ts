import { sql } from 'kysely'
import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { parseDelivery, requireEndpoint } from './queries.ts'
import { DELIVERY_STATUSES, type DeliveryStatus, type WebhookDelivery } from './schema.ts'

/** What a count of deliveries ends at: it is counted row by row. */
export const DELIVERIES_COUNT_MAX = 10_000

export type ListWebhookDeliveries = {
  endpointId: string
  limit: number
  status?: DeliveryStatus | undefined
  /** Those older than this delivery. */
  startingAfter?: string | undefined
  /** Those just newer than this delivery. Not together with `startingAfter`. */
  endingBefore?: string | undefined
}

export type DeliveryPage = {
  /** Newest first. */
  deliveries: WebhookDelivery[]
  /** Whether there are more in the direction that was asked for. */
  hasMore: boolean
  /** Up to 10,000. */
  totalCount: number
}

/** The deliveries to an endpoint. Throws `invalid_cursor` for a delivery that this endpoint does not have, or no more. */
export async function listWebhookDeliveries(
  ctx: Context<ClientActor>,
  input: ListWebhookDeliveries,
): Promise<DeliveryPage> {
  const { endpointId, limit, status, startingAfter, endingBefore } = input
  await requireEndpoint(ctx, endpointId)
  if (startingAfter !== undefined && endingBefore !== undefined) throw new AppError('invalid_cursor', 'ending_before')
  if (startingAfter !== undefined) await requireCursor(ctx, { endpointId, id: startingAfter, param: 'starting_after' })
  if (endingBefore !== undefined) await requireCursor(ctx, { endpointId, id: endingBefore, param: 'ending_before' })
  const statuses = status === undefined ? DELIVERY_STATUSES : [status]
  const found = await readDeliveries(ctx, { ...input, statuses, limit: limit + 1 })
  const deliveries = found.slice(0, limit)
  if (endingBefore !== undefined) deliveries.reverse()
  return { deliveries, hasMore: found.length > limit, totalCount: await count(ctx, endpointId, statuses) }
}

type Cursor = { endpointId: string; id: string; param: string }

async function requireCursor(ctx: Context<ClientActor>, { endpointId, id, param }: Cursor): Promise<void> {
  const row = await ctx.db
    .selectFrom('webhookDeliveries')
    .select('id')
    .where('id', '=', id)
    .where('endpointId', '=', endpointId)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('invalid_cursor', param)
}

type Reading = ListWebhookDeliveries & { statuses: readonly DeliveryStatus[] }

/** Asks the index for the first of each status, and takes the first of all. */
async function readDeliveries(ctx: Context<ClientActor>, reading: Reading): Promise<WebhookDelivery[]> {
  const { endpointId, statuses, startingAfter, endingBefore, limit } = reading
  const isForward = endingBefore !== undefined
  const beyond = isForward
    ? sql`id > ${endingBefore}`
    : startingAfter === undefined
      ? sql`true`
      : sql`id < ${startingAfter}`
  const order = isForward ? sql`id` : sql`id desc`
  const { rows } = await sql<Parameters<typeof parseDelivery>[0]>`
    select d.id, d.endpoint_id, d.event_id, d.event_type, d.status, d.attempt_count, d.next_attempt_at, d.created_at,
      d.finished_at
    from unnest(${[...statuses]}::text[]) as s (status) cross join lateral (
      select * from webhook_deliveries where endpoint_id = ${endpointId} and status = s.status and ${beyond}
      order by ${order} limit ${limit}
    ) d order by d.${order} limit ${limit}`.execute(ctx.db)
  return rows.map(parseDelivery)
}

async function count(ctx: Context<ClientActor>, endpointId: string, statuses: readonly DeliveryStatus[]) {
  const { rows } = await sql<{ count: number }>`
    select count(*) from (
      select 1 from webhook_deliveries where endpoint_id = ${endpointId} and status = any(${[...statuses]}::text[])
      limit ${DELIVERIES_COUNT_MAX}
    ) d`.execute(ctx.db)
  return rows[0]!.count
}

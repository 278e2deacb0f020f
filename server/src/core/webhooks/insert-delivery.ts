import type { Context } from '../context.ts'
import { DELIVERY_COLUMNS, parseDelivery } from './queries.ts'
import type { WebhookDelivery } from './schema.ts'

/** What sorts a delivery before all those that have been tried. */
export const BEGINNING_OF_TIME = '1970-01-01T00:00:00.000Z'

type NewDelivery = { endpointId: string; eventId: string; eventType: string; position: number }

/** Adds a delivery that somebody asked for. The dispatchers find it within half a second. */
export async function insertDelivery(ctx: Context, delivery: NewDelivery): Promise<WebhookDelivery> {
  const row = await ctx.db
    .insertInto('webhookDeliveries')
    .values({ ...delivery, id: ctx.newId(), nextAttemptAt: BEGINNING_OF_TIME, createdAt: ctx.now() })
    .returning(DELIVERY_COLUMNS)
    .executeTakeFirstOrThrow()
  return parseDelivery(row)
}

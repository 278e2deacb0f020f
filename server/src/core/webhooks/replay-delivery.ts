import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { insertDelivery } from './insert-delivery.ts'
import { requireEnabledEndpoint } from './queries.ts'
import type { WebhookDelivery } from './schema.ts'

/**
 * Sends the event of a finished delivery once more, as a delivery of its own with the same `webhook-id`. Throws
 * `webhook_delivery_pending` before the first one has ended, and `event_expired` once the event is no longer kept.
 */
export async function replayDelivery(
  ctx: Context<ClientActor>,
  { endpointId, deliveryId }: { endpointId: string; deliveryId: string },
): Promise<WebhookDelivery> {
  return ctx.transaction(async (ctx) => {
    await requireEnabledEndpoint(ctx, endpointId)
    const found = await ctx.db
      .selectFrom('webhookDeliveries')
      .select(['eventId', 'eventType', 'position', 'status'])
      .where('id', '=', deliveryId)
      .where('endpointId', '=', endpointId)
      .executeTakeFirst()
    if (found === undefined) throw new AppError('webhook_delivery_not_found', 'delivery_id')
    const { status, ...event } = found
    if (status === 'pending') throw new AppError('webhook_delivery_pending', 'delivery_id')
    await requireEvent(ctx, event)
    await ctx.db.updateTable('webhookDeliveries').set({ replayedAt: ctx.now() }).where('id', '=', deliveryId).execute()
    return insertDelivery(ctx, { endpointId, ...event })
  })
}

async function requireEvent(ctx: Context, { eventId, position }: { eventId: string; position: number }) {
  // A test is made anew of its endpoint.
  if (position === 0) return
  const event = await ctx.db.selectFrom('clientEvents').select('id').where('id', '=', eventId).executeTakeFirst()
  if (event === undefined) throw new AppError('event_expired', 'delivery_id')
}

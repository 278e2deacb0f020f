import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { DELIVERY_COLUMNS, parseDelivery, requireEndpoint } from './queries.ts'
import type { WebhookAttempt, WebhookDelivery } from './schema.ts'

const ATTEMPTS_MAX = 100

/** A delivery to an endpoint with its attempts, oldest first: the last 100. */
export async function getWebhookDelivery(
  ctx: Context<ClientActor>,
  { endpointId, deliveryId }: { endpointId: string; deliveryId: string },
): Promise<{ delivery: WebhookDelivery; attempts: WebhookAttempt[] }> {
  await requireEndpoint(ctx, endpointId)
  const row = await ctx.db
    .selectFrom('webhookDeliveries')
    .select(DELIVERY_COLUMNS)
    .where('id', '=', deliveryId)
    .where('endpointId', '=', endpointId)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('webhook_delivery_not_found', 'delivery_id')
  const attempts = await ctx.db
    .selectFrom('webhookAttempts')
    .select(['number', 'startedAt', 'durationMs', 'statusCode', 'error', 'responseExcerpt'])
    .where('deliveryId', '=', deliveryId)
    .orderBy('number', 'desc')
    .limit(ATTEMPTS_MAX)
    .execute()
  return { delivery: parseDelivery(row), attempts: attempts.reverse() }
}

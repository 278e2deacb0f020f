import type { Selectable } from 'kysely'
import type { WebhookDeliveries, WebhookEndpoints } from '../../platform/database/schema.generated.ts'
import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import type { WebhookDelivery, WebhookEndpoint } from './schema.ts'

// Never the secrets.
export const ENDPOINT_COLUMNS = [
  'id',
  'workspaceId',
  'clientId',
  'isLive',
  'url',
  'description',
  'eventTypes',
  'createdAt',
  'updatedAt',
  'disabledAt',
  'disabledReason',
] as const

export const DELIVERY_COLUMNS = [
  'id',
  'endpointId',
  'eventId',
  'eventType',
  'status',
  'attemptCount',
  'nextAttemptAt',
  'createdAt',
  'finishedAt',
] as const

type EndpointRow = Pick<Selectable<WebhookEndpoints>, (typeof ENDPOINT_COLUMNS)[number]>
type DeliveryRow = Pick<Selectable<WebhookDeliveries>, (typeof DELIVERY_COLUMNS)[number]>

/** The columns hold only what the operations and the feed have written there. */
export function parseEndpoint(row: EndpointRow): WebhookEndpoint {
  return row as WebhookEndpoint
}

export function parseDelivery(row: DeliveryRow): WebhookDelivery {
  const isPlanned = row.status === 'pending' && row.attemptCount > 0
  return { ...row, nextAttemptAt: isPlanned ? row.nextAttemptAt : null } as WebhookDelivery
}

/** An endpoint of the client's workspace. Throws `webhook_endpoint_not_found`. */
export async function requireEndpoint(ctx: Context<ClientActor>, endpointId: string): Promise<WebhookEndpoint> {
  const row = await ctx.db
    .selectFrom('webhookEndpoints')
    .select(ENDPOINT_COLUMNS)
    .where('id', '=', endpointId)
    .where('workspaceId', '=', ctx.actor.workspaceId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('webhook_endpoint_not_found', 'endpoint_id')
  return parseEndpoint(row)
}

/** The same before a change: nobody else changes the client's webhooks until the transaction ends. */
export async function lockEndpoint(ctx: Context<ClientActor>, endpointId: string): Promise<WebhookEndpoint> {
  await lockStream(ctx.db, ctx.actor.id)
  return requireEndpoint(ctx, endpointId)
}

/** The same before something is sent to it. Throws `webhook_endpoint_disabled`. */
export async function requireEnabledEndpoint(ctx: Context<ClientActor>, endpointId: string): Promise<WebhookEndpoint> {
  const endpoint = await lockEndpoint(ctx, endpointId)
  if (endpoint.disabledAt !== null) throw new AppError('webhook_endpoint_disabled', 'endpoint_id')
  return endpoint
}

/** Tells those who remember something of the client. */
export function recordClientUpdated(
  ctx: Context,
  { clientId, workspaceId }: { clientId: string; workspaceId: string },
) {
  ctx.record({ type: 'client.updated', streamId: clientId, workspaceId, data: { clientId } })
}

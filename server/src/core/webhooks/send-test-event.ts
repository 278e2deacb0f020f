import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { insertDelivery } from './insert-delivery.ts'
import { requireEnabledEndpoint } from './queries.ts'
import type { WebhookDelivery } from './schema.ts'

/** Sends an endpoint an event `webhook.test`, whatever types it wants; it stands in no list of events. */
export async function sendTestEvent(
  ctx: Context<ClientActor>,
  { endpointId }: { endpointId: string },
): Promise<WebhookDelivery> {
  return ctx.transaction(async (ctx) => {
    await requireEnabledEndpoint(ctx, endpointId)
    return insertDelivery(ctx, { endpointId, eventId: ctx.newId(), eventType: 'webhook.test', position: 0 })
  })
}

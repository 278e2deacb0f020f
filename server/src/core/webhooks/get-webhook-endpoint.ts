import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { requireEndpoint } from './queries.ts'
import type { WebhookEndpoint } from './schema.ts'

/** An endpoint of the client's workspace. Throws `webhook_endpoint_not_found`. */
export async function getWebhookEndpoint(
  ctx: Context<ClientActor>,
  { endpointId }: { endpointId: string },
): Promise<WebhookEndpoint> {
  return requireEndpoint(ctx, endpointId)
}

import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { auditEndpoint } from './audit-endpoint.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import { lockEndpoint, recordClientUpdated } from './queries.ts'

/** Deletes an endpoint: nothing more is sent to it, and what is pending is cancelled. */
export async function deleteWebhookEndpoint(
  ctx: Context<ClientActor>,
  { endpointId }: { endpointId: string },
): Promise<void> {
  await ctx.transaction(async (ctx) => {
    const endpoint = await lockEndpoint(ctx, endpointId)
    const at = ctx.now()
    await ctx.db
      .updateTable('webhookEndpoints')
      .set({ deletedAt: at, updatedAt: at })
      .where('id', '=', endpointId)
      .execute()
    await cancelDeliveries(ctx, endpointId)
    await auditEndpoint(ctx, 'delete', { before: endpoint, after: null })
    recordClientUpdated(ctx, endpoint)
  })
}

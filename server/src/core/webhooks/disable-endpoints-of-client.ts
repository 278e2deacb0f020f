import type { Context } from '../context.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import type { DisabledReason } from './schema.ts'

/** Ends the webhooks of a client that is revoked. The caller holds the client and announces its change. */
export async function disableEndpointsOfClient(ctx: Context, clientId: string): Promise<void> {
  const at = ctx.now()
  const reason: DisabledReason = 'client_revoked'
  const disabled = await ctx.db
    .updateTable('webhookEndpoints')
    .set({ disabledAt: at, disabledReason: reason, updatedAt: at })
    .where('clientId', '=', clientId)
    .where('disabledAt', 'is', null)
    .where('deletedAt', 'is', null)
    .returning('id')
    .execute()
  for (const { id } of disabled) await cancelDeliveries(ctx, id)
}

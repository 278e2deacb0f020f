import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStream } from '../log/append-events.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import { recordClientUpdated } from './queries.ts'
import type { DisabledReason } from './schema.ts'

type Disable = { endpointId: string; reason: DisabledReason }

/** Disables an endpoint because of how it answers. Nothing happens where it is disabled or deleted already. */
export async function disableEndpoint(ctx: Context<SystemActor>, { endpointId, reason }: Disable): Promise<void> {
  await ctx.transaction(async (ctx) => {
    const endpoint = await ctx.db
      .selectFrom('webhookEndpoints')
      .select(['clientId', 'workspaceId'])
      .where('id', '=', endpointId)
      .executeTakeFirst()
    if (endpoint === undefined) return
    await lockStream(ctx.db, endpoint.clientId)
    const at = ctx.now()
    const { numUpdatedRows } = await ctx.db
      .updateTable('webhookEndpoints')
      .set({ disabledAt: at, disabledReason: reason, updatedAt: at })
      .where('id', '=', endpointId)
      .where('disabledAt', 'is', null)
      .where('deletedAt', 'is', null)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) return
    await cancelDeliveries(ctx, endpointId)
    recordClientUpdated(ctx, endpoint)
  })
}

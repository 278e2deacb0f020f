import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStream } from '../log/append-events.ts'
import { auditEndpoint } from './audit-endpoint.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import { ENDPOINT_COLUMNS, parseEndpoint, recordClientUpdated } from './queries.ts'
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
    const row = await ctx.db
      .updateTable('webhookEndpoints')
      .set({ disabledAt: at, disabledReason: reason, updatedAt: at })
      .where('id', '=', endpointId)
      .where('disabledAt', 'is', null)
      .where('deletedAt', 'is', null)
      .returning(ENDPOINT_COLUMNS)
      .executeTakeFirst()
    if (row === undefined) return
    const after = parseEndpoint(row)
    await cancelDeliveries(ctx, endpointId)
    await auditEndpoint(ctx, 'disable', { before: { ...after, disabledAt: null, disabledReason: null }, after })
    recordClientUpdated(ctx, endpoint)
  })
}

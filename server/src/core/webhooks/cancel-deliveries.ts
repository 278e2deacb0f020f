import { sql } from 'kysely'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { REMOVE_BATCH_ROWS, removeInBatches } from '../remove-in-batches.ts'

/** Cancels what is pending for an endpoint that has just been disabled or deleted: the first part now, the rest by a job. */
export async function cancelDeliveries(ctx: Context, endpointId: string): Promise<void> {
  const cancelled = await cancelBatch(ctx, endpointId)
  if (cancelled < REMOVE_BATCH_ROWS) return
  await ctx.enqueue({
    task: 'cancel_webhook_deliveries',
    payload: { endpointId },
    key: `cancel webhooks ${endpointId}`,
  })
}

/** The rest of them, unless the endpoint was enabled again. */
export async function cancelRemainingDeliveries(ctx: Context<SystemActor>, { endpointId }: { endpointId: string }) {
  const cancelled = await removeInBatches(() => cancelBatch(ctx, endpointId))
  await ctx.transaction((inner) => cancelDeliveries(inner, endpointId))
  return { cancelled }
}

async function cancelBatch(ctx: Context, endpointId: string): Promise<number> {
  const { numAffectedRows } = await sql`
    update webhook_deliveries set status = 'cancelled', finished_at = ${ctx.now()}
    where id in (
      select d.id from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
      where d.endpoint_id = ${endpointId} and d.status = 'pending'
        and (e.disabled_at is not null or e.deleted_at is not null)
      limit ${sql.lit(REMOVE_BATCH_ROWS)}
    ) and status = 'pending'`.execute(ctx.db)
  return Number(numAffectedRows ?? 0)
}

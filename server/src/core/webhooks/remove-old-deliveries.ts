import { sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import { CLIENT_EVENTS_KEPT_MS } from '../client-events/schema.ts'
import type { Context } from '../context.ts'
import { REMOVE_BATCH_ROWS, removeInBatches } from '../remove-in-batches.ts'

/** Removes deliveries that ended longer ago than events are kept, with their attempts. */
export async function removeOldDeliveries(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  const before = addMs(ctx.now(), -CLIENT_EVENTS_KEPT_MS)
  const removed = await removeInBatches(async () => {
    const { rows } = await sql<{ removed: number }>`
      with old as materialized (
        select id from webhook_deliveries
        where created_at < ${before} and status <> 'pending' and finished_at < ${before}
        limit ${sql.lit(REMOVE_BATCH_ROWS)}
      ), attempts as (
        delete from webhook_attempts a using old o where a.delivery_id = o.id
      ), removed as (
        delete from webhook_deliveries d using old o where d.id = o.id returning 1
      )
      select count(*) as removed from removed`.execute(ctx.db)
    return rows[0]!.removed
  })
  return { removed }
}

import { sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { REMOVE_BATCH_ROWS, removeInBatches } from '../remove-in-batches.ts'
import { READER } from './copy-events.ts'
import { CLIENT_EVENTS_KEPT_MS } from './schema.ts'

/** Removes events that are no longer shown. From the oldest that has yet to be delivered somewhere, all stay. */
export async function removeOldClientEvents(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  const before = addMs(ctx.now(), -CLIENT_EVENTS_KEPT_MS)
  const { oldest } = await ctx.db
    .selectFrom('webhookDeliveries')
    .select(({ fn }) => fn.min('position').as('oldest'))
    .where('status', '=', 'pending')
    .where('position', '>', 0)
    .executeTakeFirstOrThrow()
  const end = oldest ?? Number.MAX_SAFE_INTEGER
  const removed = await removeInBatches(() => ctx.transaction((inner) => removeBatch(inner, { before, end })))
  return { removed }
}

async function removeBatch(ctx: Context<SystemActor>, { before, end }: { before: string; end: number }) {
  // The feed changes the same counters: one of the two at a time.
  await ctx.db.selectFrom('logReaders').select('position').where('name', '=', READER).forUpdate().execute()
  const { rows } = await sql<{ removed: number }>`
    with oldest as materialized (
      select position, created_at from client_events where position < ${end} order by position
      limit ${sql.lit(REMOVE_BATCH_ROWS)}
    ), removed as (
      delete from client_events e using oldest o
      where e.position = o.position and o.created_at < ${before}
      returning e.workspace_id, e.type
    ), counted as (
      update list_counts l set count = l.count - r.count
      from (select type, workspace_id, count(*) as count from removed group by type, workspace_id) r
      where l.kind = 'client_events:' || r.type and l.owner_id = r.workspace_id
    )
    select count(*) as removed from removed`.execute(ctx.db)
  return rows[0]!.removed
}

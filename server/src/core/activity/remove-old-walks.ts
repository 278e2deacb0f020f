import { sql } from 'kysely'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { REMOVE_BATCH_ROWS, removeInBatches } from '../remove-in-batches.ts'

/** Forgets walks through lists that nobody goes on with, and what moved items left behind for them. */
export async function removeOldWalks(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  const walks = await removeInBatches(async () => {
    const { numAffectedRows } = await sql`
      delete from list_walks where (kind, owner_id, is_backward, item_id) in (
        select kind, owner_id, is_backward, item_id from list_walks where expires_at <= ${ctx.now()}
        limit ${sql.lit(REMOVE_BATCH_ROWS)}
      )`.execute(ctx.db)
    return numAffectedRows ?? 0n
  })
  const moves = await removeInBatches(async () => {
    const { numAffectedRows } = await sql`
      delete from activity_moves where (kind, owner_id, position, item_id) in (
        select kind, owner_id, position, item_id from activity_moves m
        where not exists (
          select from list_walks w where w.kind = m.kind and w.owner_id = m.owner_id and w.as_of < m.moved_at
        )
        limit ${sql.lit(REMOVE_BATCH_ROWS)}
      )`.execute(ctx.db)
    return numAffectedRows ?? 0n
  })
  return { removed: walks + moves }
}

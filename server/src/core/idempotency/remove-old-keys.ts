import { addMs } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { REMOVE_BATCH_ROWS, removeInBatches } from '../remove-in-batches.ts'
import { KEYS_KEPT_MS } from './run-once.ts'

/** Forgets idempotency keys, and the replies kept with them, when their time has passed. */
export async function removeOldKeys(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  const before = addMs(ctx.now(), -KEYS_KEPT_MS)
  const removed = await removeInBatches(async () => {
    const { numDeletedRows } = await ctx.db
      .deleteFrom('idempotencyKeys')
      .where(({ refTuple, selectFrom, eb }) =>
        eb(
          refTuple('scopeId', 'key'),
          'in',
          selectFrom('idempotencyKeys')
            .select(['scopeId', 'key'])
            .where('createdAt', '<', before)
            .limit(REMOVE_BATCH_ROWS)
            .$asTuple('scopeId', 'key'),
        ),
      )
      .executeTakeFirstOrThrow()
    return numDeletedRows
  })
  return { removed }
}

import { addMs } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { hasExpired } from './queries.ts'

const BATCH_ROWS = 200
const BATCHES_MAX = 50

// A send that took the file just before it expired may still wait for the database, and an upload that began just
// before may still run.
const GRACE_MS = 60 * 60 * 1000

/** Removes uploads that were never completed or never taken by a message, the bytes before the row. Nobody hears of it. */
export async function removeExpiredFiles(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  const before = addMs(ctx.now(), -GRACE_MS)
  let removed = 0
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const expired = await ctx.db
      .selectFrom('files')
      .select(['id', 'storageKey'])
      .where(hasExpired(before))
      .orderBy('expiresAt')
      .limit(BATCH_ROWS)
      .execute()
    for (const { storageKey } of expired) if (storageKey !== null) await ctx.ports.storage.delete(storageKey)
    const ids = expired.map((file) => file.id)
    if (ids.length > 0) await ctx.db.deleteFrom('files').where('id', 'in', ids).where(hasExpired(before)).execute()
    removed += ids.length
    if (expired.length < BATCH_ROWS) break
  }
  return { removed }
}

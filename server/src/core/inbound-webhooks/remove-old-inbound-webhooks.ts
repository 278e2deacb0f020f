import { sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { REMOVE_BATCH_ROWS, removeInBatches } from '../remove-in-batches.ts'
import type { InboundStatus } from './schema.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/** For how long after it came a webhook can be applied again. What is pending stays. */
const KEPT: { status: InboundStatus; days: number }[] = [
  { status: 'applied', days: 30 },
  // Longer, since somebody may have to find out why.
  { status: 'ignored', days: 90 },
  { status: 'failed', days: 90 },
]

/** Removes what came in and ended, when its time has passed. */
export async function removeOldInboundWebhooks(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  let removed = 0
  for (const { status, days } of KEPT) {
    const before = addMs(ctx.now(), -days * DAY_MS)
    removed += await removeInBatches(async () => {
      const { numAffectedRows } = await sql`
        delete from inbound_webhooks where status = ${status} and id in (
          select id from inbound_webhooks where status = ${status} and received_at < ${before}
          limit ${sql.lit(REMOVE_BATCH_ROWS)}
        )`.execute(ctx.db)
      return numAffectedRows ?? 0n
    })
  }
  return { removed }
}

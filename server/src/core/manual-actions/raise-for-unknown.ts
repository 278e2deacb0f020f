import { sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStreams } from '../log/append-events.ts'
import { raiseManualAction } from './raise-manual-action.ts'
import { readTroubles } from './read-troubles.ts'

const UNKNOWN_MS = 24 * 60 * 60 * 1_000
const BATCH_ROWS = 200
const BATCHES_MAX = 50
const REASON = 'Ask the person whether they have it before you send it again.'

/** Tells people of messages of which nobody could say for a day whether they arrived. */
export async function raiseForUnknown(ctx: Context<SystemActor>): Promise<{ raised: number }> {
  let raised = 0
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const found = await ctx.transaction(raiseBatch)
    raised += found
    if (found < BATCH_ROWS) break
  }
  return { raised }
}

async function raiseBatch(ctx: Context<SystemActor>): Promise<number> {
  const before = addMs(ctx.now(), -UNKNOWN_MS)
  const { rows } = await sql<{ id: string; conversationId: string }>`
    select d.id, d.conversation_id from deliveries d
    where d.status = 'unknown' and d.claimed_at <= ${before}
      and not exists (select from manual_actions a where a.delivery_id = d.id)
    order by d.claimed_at limit ${sql.lit(BATCH_ROWS)}`.execute(ctx.db)
  await lockStreams(
    ctx.db,
    rows.map(({ conversationId }) => conversationId),
  )
  const troubles = await readTroubles(
    ctx.db,
    rows.map(({ id }) => id),
  )
  for (const { status, isScheduled: _, ...trouble } of troubles) {
    // A report may have come before their conversations were held.
    if (status !== 'unknown') continue
    await raiseManualAction(ctx, { ...trouble, what: 'unknown', code: 'unknown', reason: REASON })
  }
  return rows.length
}

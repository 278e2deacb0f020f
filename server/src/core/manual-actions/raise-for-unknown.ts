import { sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStreams } from '../log/append-events.ts'
import { raiseManualAction } from './raise-manual-action.ts'

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

type Unknown = {
  deliveryId: string
  workspaceId: string
  conversationId: string
  transport: string
  to: string
  authorUserId: string | null
}

async function raiseBatch(ctx: Context<SystemActor>): Promise<number> {
  const before = addMs(ctx.now(), -UNKNOWN_MS)
  const { rows } = await sql<Unknown>`
    select d.id as delivery_id, d.workspace_id, d.conversation_id, d.transport, d.to_address as "to",
      case when m.author_kind = 'user' then m.author_id end as author_user_id
    from deliveries d join messages m on m.id = d.message_id
    where d.status = 'unknown' and d.claimed_at <= ${before}
      and not exists (select from manual_actions a where a.delivery_id = d.id)
    order by d.claimed_at limit ${sql.lit(BATCH_ROWS)}`.execute(ctx.db)
  await lockStreams(
    ctx.db,
    rows.map(({ conversationId }) => conversationId),
  )
  const still = await listUnknown(
    ctx,
    rows.map(({ deliveryId }) => deliveryId),
  )
  for (const unknown of rows) {
    if (!still.has(unknown.deliveryId)) continue
    await raiseManualAction(ctx, { ...unknown, what: 'unknown', code: 'unknown', reason: REASON })
  }
  return rows.length
}

/** A report may have come before their conversations were held. */
async function listUnknown(ctx: Context, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await ctx.db
    .selectFrom('deliveries')
    .select('id')
    .where('id', 'in', ids)
    .where('status', '=', 'unknown')
    .execute()
  return new Set(rows.map(({ id }) => id))
}

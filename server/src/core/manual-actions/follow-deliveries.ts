import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStreams } from '../log/append-events.ts'
import type { TakenPart } from '../log/log-follower.ts'
import { readHead } from '../log/read-head.ts'
import { MANUAL_ACTION_COLUMNS } from './queries.ts'
import { raiseManualAction } from './raise-manual-action.ts'
import { readTroubles } from './read-troubles.ts'
import type { ManualAction } from './schema.ts'

/** The row of log_readers that says how far it has read, and that one node at a time locks. */
export const READER = 'manual_actions'

/**
 * What the person wished themselves: nobody is to reach them in another way. But whoever scheduled a message counts on it, and does
 * not look whether it went.
 */
const WISHES = ['contact_dnd', 'opted_out']

/**
 * Reads the next part of the log for messages that failed for good, and tells people of them; where one arrived all
 * the same, nothing is left to do. Actions and position commit together, so that a crash neither skips nor repeats.
 */
export async function followDeliveries(
  ctx: Context<SystemActor>,
  { positionsMax }: { positionsMax: number },
): Promise<TakenPart> {
  return ctx.transaction(async (ctx) => {
    const reader = await ctx.db
      .selectFrom('logReaders')
      .select('position')
      .where('name', '=', READER)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst()
    if (reader === undefined) return { position: undefined, isFull: false }
    const after = reader.position
    const head = await readHead(ctx.db)
    const upTo = Math.min(after + positionsMax, head)
    if (upTo <= after) return { position: after, isFull: false }
    const told = await listTold(ctx.db, { after, upTo })
    // Lost with a crash of the database it is only done again.
    if (told.length === 0) await sql`set local synchronous_commit = off`.execute(ctx.db)
    else await settle(ctx, told)
    await ctx.db.updateTable('logReaders').set({ position: upTo }).where('name', '=', READER).execute()
    return { position: upTo, isFull: upTo < head }
  })
}

type Told = { deliveryId: string; conversationId: string; isNeedless: boolean }

async function settle(ctx: Context<SystemActor>, told: Told[]): Promise<void> {
  await lockStreams(
    ctx.db,
    told.map(({ conversationId }) => conversationId),
  )
  const ids = told.filter(({ isNeedless }) => !isNeedless).map(({ deliveryId }) => deliveryId)
  for (const { status, isScheduled, ...failed } of await readTroubles(ctx.db, ids)) {
    const isWished = WISHES.includes(failed.code) && !isScheduled
    if (status === 'failed' && !isWished) await raiseManualAction(ctx, { ...failed, what: 'failed' })
  }
  await completeNeedless(
    ctx,
    told.filter(({ isNeedless }) => isNeedless).map(({ deliveryId }) => deliveryId),
  )
}

/** Deliveries that were told of in this part and now want an action, or want theirs no more. */
async function listTold(db: Database, { after, upTo }: { after: number; upTo: number }): Promise<Told[]> {
  const { rows } = await sql<Told>`
    with told as materialized (
      select (data #>> '{delivery,id}')::uuid as id, max(created_at) as at from events
      where position > ${after} and position <= ${upTo} and type = 'delivery.updated'
        and data #>> '{delivery,status}' in ('failed', 'sent', 'delivered', 'read')
      group by 1
    )
    select d.id as delivery_id, d.conversation_id, a.id is not null as is_needless from told join deliveries d on d.id = told.id
    left join manual_actions a on a.delivery_id = d.id
    where (d.status = 'failed' and a.id is null)
      or (d.status in ('sent', 'delivered', 'read') and a.status = 'pending' and a.created_at < told.at)`.execute(db)
  return rows
}

async function completeNeedless(ctx: Context<SystemActor>, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  const now = ctx.now()
  const completed = await ctx.db
    .updateTable('manualActions')
    .set({ status: 'completed', completedAt: now, updatedAt: now })
    .where('deliveryId', 'in', ids)
    .where('status', '=', 'pending')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('deliveries')
          .select('id')
          .whereRef('deliveries.id', '=', 'manualActions.deliveryId')
          .where('status', 'in', ['sent', 'delivered', 'read']),
      ),
    )
    .returning(MANUAL_ACTION_COLUMNS)
    .execute()
  for (const manualAction of completed as ManualAction[]) {
    const { conversationId: streamId, workspaceId } = manualAction
    ctx.record({ type: 'manual_action.updated', streamId, workspaceId, data: { manualAction } })
  }
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStream } from '../log/append-events.ts'

const BATCH_MAX = 500
const BATCHES_MAX = 200

/**
 * Marks all of the caller's notifications as read; tells how many. Announced to the caller's own devices, in batches
 * so that no transaction holds their stream for long.
 */
export async function readAllNotifications(ctx: Context<UserActor>): Promise<{ updated: number }> {
  let updated = 0
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const read = await readBatch(ctx)
    updated += read
    if (read < BATCH_MAX) break
  }
  return { updated }
}

async function readBatch(ctx: Context<UserActor>): Promise<number> {
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, ctx.actor.id)
    const readAt = ctx.now()
    const rows = await ctx.db
      .updateTable('notifications')
      .set({ readAt, updatedAt: readAt })
      .where('id', 'in', ({ selectFrom }) =>
        selectFrom('notifications')
          .select('id')
          .where('recipientUserId', '=', ctx.actor.id)
          .where('readAt', 'is', null)
          .orderBy('id', 'desc')
          .limit(BATCH_MAX),
      )
      .returning('id')
      .execute()
    if (rows.length === 0) return 0
    const data = { notificationIds: rows.map(({ id }) => id), readAt }
    ctx.record({ type: 'notifications.read', streamId: ctx.actor.id, workspaceId: null, data })
    return rows.length
  })
}

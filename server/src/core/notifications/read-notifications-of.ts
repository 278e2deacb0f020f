import type { Database } from '../../platform/database/database.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'

/** Who has not read a notification of this target yet. */
export async function listUnreadRecipientIds(db: Database, targetId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('notifications')
    .select('recipientUserId')
    .distinct()
    .where('targetId', '=', targetId)
    .where('readAt', 'is', null)
    .execute()
  return rows.map((row) => row.recipientUserId)
}

/** Marks everybody's notifications of a target as read, because it is gone. The caller holds the recipients' streams. */
export async function readNotificationsOf(ctx: Context<UserActor>, targetId: string): Promise<void> {
  const readAt = ctx.now()
  const rows = await ctx.db
    .updateTable('notifications')
    .set({ readAt, updatedAt: readAt })
    .where('targetId', '=', targetId)
    .where('readAt', 'is', null)
    .returning(['id', 'recipientUserId', 'workspaceId'])
    .execute()
  for (const { id, recipientUserId: streamId, workspaceId } of rows) {
    ctx.record({ type: 'notifications.read', streamId, workspaceId, data: { notificationIds: [id], readAt } })
  }
}

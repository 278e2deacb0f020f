import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Message } from '../messages/schema.ts'
import type { Notification, NotificationType } from './schema.ts'

type Reason = { message: Message; type: NotificationType; recipientIds: string[] }

/**
 * Notifies people of a message that stands already; who was notified of it before is not again. The caller holds
 * the recipients' streams.
 */
export async function addNotifications(ctx: Context<UserActor>, reason: Reason): Promise<void> {
  const { message, type } = reason
  const recipientIds = await withoutNotified(ctx, reason)
  if (recipientIds.length === 0) return
  const now = ctx.now()
  const notifications = recipientIds.map(
    (recipientUserId): Notification => ({
      id: ctx.newId(),
      recipientUserId,
      actorUserId: ctx.actor.id,
      type,
      targetType: 'message',
      targetId: message.id,
      workspaceId: message.workspaceId,
      conversationId: message.conversationId,
      readAt: null,
      createdAt: now,
      updatedAt: now,
    }),
  )
  await ctx.db.insertInto('notifications').values(notifications).execute()
  for (const notification of notifications) {
    const { recipientUserId: streamId, workspaceId } = notification
    ctx.record({ type: 'notification.created', streamId, workspaceId, data: { notification, message } })
  }
}

async function withoutNotified(ctx: Context<UserActor>, { message, recipientIds }: Reason): Promise<string[]> {
  if (recipientIds.length === 0) return []
  const rows = await ctx.db
    .selectFrom('notifications')
    .select('recipientUserId')
    .where('targetId', '=', message.id)
    .where('recipientUserId', 'in', recipientIds)
    .execute()
  const notified = new Set(rows.map((row) => row.recipientUserId))
  return [...new Set(recipientIds)].filter((id) => !notified.has(id))
}

import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { NOTIFICATION_COLUMNS } from './queries.ts'
import type { Notification } from './schema.ts'

export type Invitation = Pick<Notification, 'type' | 'targetType' | 'targetId' | 'workspaceId' | 'conversationId'> & {
  recipientIds: string[]
}

/**
 * Notifies people of something that the caller did for them, and never the caller. Who was notified of it before
 * sees that notification as unread again. The caller holds the recipients' streams.
 */
export async function notifyUsers(ctx: Context<UserActor>, invitation: Invitation): Promise<void> {
  const { recipientIds, ...reason } = invitation
  const others = recipientIds.filter((id) => id !== ctx.actor.id)
  if (others.length === 0) return
  const now = ctx.now()
  const fresh = { ...reason, actorUserId: ctx.actor.id, readAt: null, createdAt: now, updatedAt: now }
  const rows = await ctx.db
    .insertInto('notifications')
    .values(others.map((recipientUserId) => ({ ...fresh, id: ctx.newId(), recipientUserId })))
    .onConflict((conflict) =>
      conflict.columns(['recipientUserId', 'targetId', 'type']).doUpdateSet({
        actorUserId: sql<string>`excluded.actor_user_id`,
        readAt: null,
        updatedAt: now,
      }),
    )
    .returning(NOTIFICATION_COLUMNS)
    .$narrowType<Pick<Notification, 'type' | 'targetType'>>()
    .execute()
  for (const notification of rows) {
    const { recipientUserId: streamId, workspaceId } = notification
    ctx.record({ type: 'notification.created', streamId, workspaceId, data: { notification, message: null } })
  }
}

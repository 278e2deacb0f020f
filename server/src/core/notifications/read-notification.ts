import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { NOTIFICATION_COLUMNS } from './queries.ts'
import type { Notification } from './schema.ts'

/** Marks one of the caller's notifications as read, once. Announced to the caller's own devices. */
export async function readNotification(
  ctx: Context<UserActor>,
  { notificationId }: { notificationId: string },
): Promise<Notification> {
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, ctx.actor.id)
    const known = await findOwn(ctx, notificationId)
    if (known === undefined) throw new AppError('notification_not_found', 'notification_id')
    if (known.readAt !== null) return known

    const readAt = ctx.now()
    await ctx.db
      .updateTable('notifications')
      .set({ readAt, updatedAt: readAt })
      .where('id', '=', notificationId)
      .execute()
    const notification = { ...known, readAt, updatedAt: readAt }
    const { workspaceId } = notification
    ctx.record({ type: 'notification.updated', streamId: ctx.actor.id, workspaceId, data: { notification } })
    return notification
  })
}

async function findOwn(ctx: Context<UserActor>, id: string): Promise<Notification | undefined> {
  const row = await ctx.db
    .selectFrom('notifications')
    .select(NOTIFICATION_COLUMNS)
    .where('id', '=', id)
    .where('recipientUserId', '=', ctx.actor.id)
    .executeTakeFirst()
  return row as Notification | undefined
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { cutPage, decodeCursor, type Page } from '../page.ts'
import { isUuid } from '../uuid.ts'
import { NOTIFICATION_COLUMNS } from './queries.ts'
import type { Notification, NotificationType } from './schema.ts'

export type ListNotifications = {
  limit: number
  cursor?: string | null
  /** The unread ones unless said. */
  filter?: 'unread' | 'read' | 'all'
  type?: NotificationType | null
}

export type NotificationPage = Page<Notification> & { unreadCount: number }

/** The caller's own notifications, newest first, with the number of unread ones of all types. */
export async function listNotifications(ctx: Context<UserActor>, input: ListNotifications): Promise<NotificationPage> {
  const [rows, unreadCount] = await Promise.all([readNotifications(ctx, input), countUnread(ctx)])
  return { ...cutPage(rows, input.limit, ({ id }) => [id]), unreadCount }
}

async function readNotifications(ctx: Context<UserActor>, input: ListNotifications): Promise<Notification[]> {
  const { limit, cursor, filter = 'unread', type } = input
  const [before] = cursor ? decodeCursor<[string]>(cursor, ([id, ...rest]) => isUuid(id) && rest.length === 0) : []
  const rows = await ctx.db
    .selectFrom('notifications')
    .select(NOTIFICATION_COLUMNS)
    .where('recipientUserId', '=', ctx.actor.id)
    .$if(filter !== 'all', (query) => query.where('readAt', filter === 'unread' ? 'is' : 'is not', null))
    .$if(Boolean(type), (query) => query.where('type', '=', type!))
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return rows as Notification[]
}

async function countUnread(ctx: Context<UserActor>): Promise<number> {
  const { count } = await ctx.db
    .selectFrom('notifications')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('recipientUserId', '=', ctx.actor.id)
    .where('readAt', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

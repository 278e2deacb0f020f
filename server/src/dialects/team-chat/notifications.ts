import { Type } from 'typebox'
import { listNotifications } from '../../core/notifications/list-notifications.ts'
import { readAllNotifications } from '../../core/notifications/read-all-notifications.ts'
import { readNotification } from '../../core/notifications/read-notification.ts'
import type { TeamChatApp } from './app.ts'
import { PageQuery } from './page-query.ts'
import { Id, ListOf, presentList } from './present.ts'
import { NOTIFICATION_TYPES, NotificationObject, presentNotification } from './present-notification.ts'

/** @see docs/api/team-chat.md */
export function registerNotificationRoutes(app: TeamChatApp): void {
  app.get('/notifications', { schema: listNotificationsSchema }, async (req) => {
    const page = await listNotifications(req.ctx, req.query)
    return { ...presentList(page, presentNotification), unread_count: page.unreadCount }
  })

  app.put('/notifications', { schema: readAllSchema }, async (req) => readAllNotifications(req.ctx))

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/notifications/:notification_id',
    schema: readNotificationSchema,
    handler: async (req) => {
      return presentNotification(await readNotification(req.ctx, { notificationId: req.params.notification_id }))
    },
  })
}

const tags = ['Notifications']

const listNotificationsSchema = {
  operationId: 'listNotifications',
  summary: 'Your notifications, newest first',
  tags,
  querystring: Type.Object({
    ...PageQuery,
    filter: Type.Optional(Type.Enum(['unread', 'read', 'all'], { default: 'unread', description: 'Which of them.' })),
    type: Type.Optional(Type.Enum(NOTIFICATION_TYPES, { description: 'Only those with this `event_type`.' })),
  }),
  response: {
    200: Type.Object({
      ...ListOf(NotificationObject, 'Notifications.').properties,
      unread_count: Type.Integer({ description: 'How many are unread in all.' }),
    }),
  },
}

const readAllSchema = {
  operationId: 'readAllNotifications',
  summary: 'Mark all your notifications as read',
  tags,
  response: { 200: Type.Object({ updated: Type.Integer({ description: 'How many were unread.' }) }) },
}

const readNotificationSchema = {
  operationId: 'readNotification',
  summary: 'Mark a notification as read',
  tags,
  params: Type.Object({ notification_id: Id('The notification.') }),
  response: { 200: NotificationObject },
}

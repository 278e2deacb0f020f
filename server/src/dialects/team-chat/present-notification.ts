import { type Static, Type } from 'typebox'
import type { Notification, NotificationType } from '../../core/notifications/schema.ts'
import { Id, OptionalId, OptionalTime, Time } from './present.ts'

export const NOTIFICATION_TYPES = [
  'mention',
  'direct_message',
  'thread_reply',
  'channel_invite',
  'workspace_invite',
] as const satisfies NotificationType[]

export const NotificationObject = Type.Object(
  {
    id: Id('The notification.'),
    recipient_user_id: Id('Whose it is: yours.'),
    actor_user_id: OptionalId('Who caused it.'),
    event_type: Type.Enum(NOTIFICATION_TYPES, { description: 'What happened.' }),
    target_type: Type.Enum(['message', 'channel', 'workspace'], { description: 'What it is about.' }),
    target_id: Id('The message, channel or workspace.'),
    workspace_id: OptionalId('Where; null in direct conversations.'),
    channel_id: OptionalId('The channel or direct conversation.'),
    read_at: OptionalTime('When you read it.'),
    created_at: Time('When it happened.'),
    updated_at: Time('When it last changed.'),
  },
  { description: 'Something that asks for your attention.' },
)

export function presentNotification(notification: Notification): Static<typeof NotificationObject> {
  const { targetType } = notification
  return {
    id: notification.id,
    recipient_user_id: notification.recipientUserId,
    actor_user_id: notification.actorUserId,
    event_type: notification.type,
    target_type: targetType === 'conversation' ? 'channel' : targetType,
    target_id: notification.targetId,
    workspace_id: notification.workspaceId,
    channel_id: notification.conversationId,
    read_at: notification.readAt,
    created_at: notification.createdAt,
    updated_at: notification.updatedAt,
  }
}

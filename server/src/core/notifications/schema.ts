import type { Timestamp } from '../../platform/clock.ts'

export type NotificationType = 'mention' | 'direct_message' | 'thread_reply' | 'channel_invite' | 'workspace_invite'

export type Notification = {
  id: string
  recipientUserId: string
  actorUserId: string | null
  type: NotificationType
  targetType: 'message' | 'conversation' | 'workspace'
  targetId: string
  workspaceId: string | null
  conversationId: string | null
  readAt: Timestamp | null
  createdAt: Timestamp
  updatedAt: Timestamp
}

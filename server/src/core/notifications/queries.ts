export const NOTIFICATION_COLUMNS = [
  'id',
  'recipientUserId',
  'actorUserId',
  'type',
  'targetType',
  'targetId',
  'workspaceId',
  'conversationId',
  'readAt',
  'createdAt',
  'updatedAt',
] as const

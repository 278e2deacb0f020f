import type { Timestamp } from '../../platform/clock.ts'

export type ConversationKind = 'channel' | 'direct' | 'group' | 'customer' | 'contact' | 'voice'

export type Conversation = {
  id: string
  /** The tenant; null for direct and group conversations, which belong to their people. */
  workspaceId: string | null
  kind: ConversationKind
  name: string | null
  description: string | null
  isPrivate: boolean
  createdBy: string | null
  createdAt: Timestamp
  updatedAt: Timestamp
  deletedAt: Timestamp | null
}

export type Participant = {
  conversationId: string
  userId: string
  joinedAt: Timestamp
}

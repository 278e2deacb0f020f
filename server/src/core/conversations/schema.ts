import type { Timestamp } from '../../platform/clock.ts'
import type { Message } from '../messages/schema.ts'
import type { PublicUser } from '../users/schema.ts'

export type ConversationKind = 'channel' | 'direct' | 'group' | 'customer' | 'contact' | 'voice'

export type Conversation = {
  id: string
  /** The tenant; null for direct and group conversations, which belong to their people. */
  workspaceId: string | null
  kind: ConversationKind
  name: string | null
  description: string | null
  isPrivate: boolean
  /** The one conversation of its contacts that has no subject of its own. */
  isGeneral: boolean
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

/** A conversation as one person sees it. */
export type ConversationView = Conversation & {
  isParticipant: boolean
  /** Messages of others that they have not read, up to 1,000; 0 where they are not in it. */
  unreadCount: number
  lastMessageAt: Timestamp | null
}

/** A participant with what others see of them. */
export type ParticipantProfile = { participant: Participant; user: PublicUser }

/** A direct conversation as one of its people sees it. */
export type DirectConversation = {
  conversation: Conversation
  /** The other person; oneself in the notebook. */
  user: PublicUser
  unreadCount: number
  /** The newest that was not deleted. */
  lastMessage: Message | null
  lastMessageAt: Timestamp | null
}

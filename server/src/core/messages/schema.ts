import type { Timestamp } from '../../platform/clock.ts'
import type { Metadata } from '../contacts/schema.ts'

export type AuthorKind = 'user' | 'contact' | 'client' | 'system'

export type Mention = { kind: 'user'; userId: string; username: string } | { kind: 'channel' } | { kind: 'here' }

export type Attachment = { fileId: string; name: string; contentType: string; sizeBytes: number }

export type Message = {
  id: string
  conversationId: string
  workspaceId: string | null
  authorKind: AuthorKind
  authorId: string
  kind: string
  /** Kept byte for byte; empty once deleted. */
  body: string
  /** The thread's root message; null outside a thread, and on the root itself. */
  rootId: string | null
  replyCount: number
  lastReplyAt: Timestamp | null
  reactionCount: number
  mentions: Mention[]
  attachments: Attachment[]
  /** What the sender keeps with it; null for none. */
  metadata: Metadata | null
  clientId: string | null
  /** How often it was edited. */
  revision: number
  createdAt: Timestamp
  updatedAt: Timestamp
  editedAt: Timestamp | null
  deletedAt: Timestamp | null
  /** Its place among the conversation's messages: gapless from 1. */
  ordinal: number
  /** The seq of the event that announced it. */
  seq: number
}

import type { Timestamp } from '../../platform/clock.ts'
import type { ContactSummary, Metadata } from '../contacts/schema.ts'
import type { Transport } from '../deliveries/carrier.ts'
import type { Delivery } from '../deliveries/schema.ts'
import type { NotificationType } from '../notifications/schema.ts'
import type { Attachment, AuthorKind, Mention, Message } from './schema.ts'

export type Notice = { id: string; recipientUserId: string; type: NotificationType }

/** A message that may be written: authorised, parsed and complete but for its numbers. */
export type Draft = {
  id: string
  conversationId: string
  workspaceId: string | null
  authorKind: AuthorKind
  authorId: string
  /** Who that is, for those who hear of the message, where it is a contact. */
  author?: ContactSummary
  kind: string
  body: string
  rootId: string | null
  mentions: Mention[]
  attachments: Attachment[]
  metadata: Metadata | null
  clientId: string | null
  createdAt: Timestamp
  notices: Notice[]
  /** How it is carried to a person outside, from the moment that it is written. */
  delivery?: Delivery
  /** Over which transport it came, where a person outside wrote it in their timeline. */
  transport?: Transport
}

export type Written = {
  message: Message
  /** True where (author, client id) had been sent before: then it is that message, unchanged by this send. */
  isRepeat: boolean
}

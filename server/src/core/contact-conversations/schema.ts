import type { Timestamp } from '../../platform/clock.ts'
import type { ContactDetails } from '../contacts/contact-details.ts'
import type { Conversation } from '../conversations/schema.ts'
import type { Transport } from '../deliveries/carrier.ts'
import type { Delivery } from '../deliveries/schema.ts'
import type { Message } from '../messages/schema.ts'

/** All that was ever written to a contact and came from them, over every transport. A contact has one. */
export type ContactConversation = {
  conversation: Conversation & { workspaceId: string }
  contactId: string
  /** The one used last; before the first message the one that it was opened for. */
  transport: Transport
  /** When the newest message was sent, or the conversation was opened. */
  activeAt: Timestamp
  isStarred: boolean
  /** The ordinal up to which the team has read. */
  readOrdinal: number
  /** Counts as unread beside what came after that, since somebody said so. */
  keptUnread: number
}

/** What the team changes of it. */
export type TimelineState = Pick<ContactConversation, 'contactId' | 'isStarred' | 'readOrdinal' | 'keptUnread'> & {
  conversationId: string
}

/** A message with how it travelled. */
export type TimelineMessage = {
  message: Message
  /** Null for what nobody carried: the message of a contact, or of the program. */
  delivery: Delivery | null
  transport: Transport
}

/** The same beside the name of the contact whose conversation it stands in. */
export type NamedMessage = TimelineMessage & { contactName: string }

/** A conversation as the team sees it in its list. */
export type ContactConversationView = ContactConversation & {
  contact: ContactDetails
  /** Messages of the contact beyond the read ordinal, of which up to 1,000 are counted, and what is kept unread. */
  unreadCount: number
  /** The newest that was not deleted. */
  lastMessage: TimelineMessage | null
}

/**
 * What a message that came from outside keeps in its metadata. What other fields a carrier gives may stand beside
 * these.
 */
export type Arrival = {
  transport: Transport
  /** Who brought it, as in `twilio`. */
  carrier?: string
  /** The carrier's own id; of an email its Message-ID, where it has one. */
  carrierId?: string
  /** Of an email. */
  subject?: string
}

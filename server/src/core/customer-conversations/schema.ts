import type { Timestamp } from '../../platform/clock.ts'
import type { ContactSummary } from '../contacts/schema.ts'
import type { Conversation } from '../conversations/schema.ts'

/** Most contacts in one conversation, and the fewest. */
export const CONTACTS_MIN = 2
export const CONTACTS_MAX = 5

/** The rule for a conversation's name. */
export const CONVERSATION_NAME = { field: 'name', charactersMax: 255 }

/** A conversation between contacts of one workspace. */
export type CustomerConversation = {
  conversation: Conversation
  /** In the order in which they were named; those who were deleted since then too. */
  contacts: ContactSummary[]
  /** Its newest message, else its beginning. */
  activeAt: Timestamp
}

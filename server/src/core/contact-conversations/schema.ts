import type { Conversation } from '../conversations/schema.ts'

/** All that was ever written to a contact and came from them, over every transport. A contact has one. */
export type ContactConversation = {
  conversation: Conversation & { workspaceId: string }
  contactId: string
  isStarred: boolean
  /** The ordinal up to which the team has read. */
  readOrdinal: number
}

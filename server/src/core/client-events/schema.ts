import type { Timestamp } from '../../platform/clock.ts'
import type { Contact, ContactSummary } from '../contacts/schema.ts'
import type { Conversation } from '../conversations/schema.ts'
import type { Message } from '../messages/schema.ts'

/** What each event that a client is shown says: whole objects with the people whom they name. */
export type ClientEventData = {
  'contact.created': { contact: Contact }
  'contact.updated': { contact: Contact }
  'contact.deleted': { contact: Contact }
  'conversation.opened': { conversation: Conversation; contacts: ContactSummary[] }
  'conversation.updated': { conversation: Conversation; contacts: ContactSummary[] }
  'conversation.deleted': { conversation: Conversation; contacts: ContactSummary[] }
  'message.created': { message: Message; author: ContactSummary | null }
  'message.updated': { message: Message; author: ContactSummary | null }
  'message.deleted': { message: Message; author: ContactSummary | null }
}

export type ClientEventType = keyof ClientEventData

export const CLIENT_EVENT_TYPES: readonly ClientEventType[] = [
  'contact.created',
  'contact.updated',
  'contact.deleted',
  'conversation.opened',
  'conversation.updated',
  'conversation.deleted',
  'message.created',
  'message.updated',
  'message.deleted',
]

type EventHead = {
  /** The same wherever and whenever the event is read. */
  id: string
  createdAt: Timestamp
}

/** A change in the workspace of an API client, as its backend is told of it. */
export type ClientEvent = {
  [Type in ClientEventType]: EventHead & { type: Type; data: ClientEventData[Type] }
}[ClientEventType]

/** How long an event can be read and sent again, in milliseconds. */
export const CLIENT_EVENTS_KEPT_MS = 30 * 24 * 60 * 60 * 1000

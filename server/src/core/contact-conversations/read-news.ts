import type { Database } from '../../platform/database/database.ts'
import type { LoggedEvent } from '../log/events.ts'
import { findMessages } from '../messages/queries.ts'
import { readViews } from './queries.ts'
import { readArrival } from './read-arrival.ts'
import type { ContactConversationView, NamedMessage } from './schema.ts'

/** What an event of the log says of a conversation with a contact. */
export type News = {
  /** The message that it is about, with its delivery as the event has it. */
  message: NamedMessage | null
  /** The conversation that it changed, as it is now; null where it is deleted, or is no conversation with a contact. */
  conversation: ContactConversationView | null
}

/** What some events say, in their order: by as many queries for many of them as for one. */
export async function readNews(db: Database, events: readonly LoggedEvent[]): Promise<News[]> {
  const ofContacts = await findConversations(
    db,
    events.filter(isOfContact).map(({ streamId }) => streamId),
  )
  const conversationOf = (event: LoggedEvent) => (isOfContact(event) ? ofContacts.get(event.streamId) : event.streamId)
  const changed = events.filter(({ type }) => type !== 'delivery.updated' && type !== 'conversation.deleted')
  const views = await readViews(db, [...new Set(changed.flatMap((event) => conversationOf(event) ?? []))])
  const viewOf = new Map(views.map((view) => [view.conversation.id, view]))
  const carried = events.flatMap((event) => (event.type === 'delivery.updated' ? event.data.delivery.messageId : []))
  const messages = await findMessages(db, [...new Set(carried)])
  const messageOf = new Map(messages.map((message) => [message.id, message]))

  return events.map((event) => {
    if (event.type === 'delivery.updated') {
      const { delivery } = event.data
      const message = messageOf.get(delivery.messageId)
      // It is the team's: the name of the contact is not in it.
      const named = message && { message, delivery, transport: delivery.transport, contactName: '' }
      return { message: named ?? null, conversation: null }
    }
    const conversation = viewOf.get(conversationOf(event) ?? '') ?? null
    return { message: conversation && readWritten(event, conversation), conversation }
  })
}

function readWritten(event: LoggedEvent, { contact }: ContactConversationView): NamedMessage | null {
  if (event.type !== 'message.created') return null
  const { message, delivery = null } = event.data
  const transport = delivery?.transport ?? readArrival(message)?.transport
  return transport === undefined ? null : { message, delivery, transport, contactName: contact.contact.name }
}

function isOfContact({ type }: LoggedEvent): boolean {
  return type.startsWith('contact.')
}

async function findConversations(db: Database, contactIds: string[]): Promise<Map<string, string>> {
  if (contactIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('contactConversations')
    .select(['contactId', 'conversationId'])
    .where('contactId', 'in', [...new Set(contactIds)])
    .where('deletedAt', 'is', null)
    .execute()
  return new Map(rows.map(({ contactId, conversationId }) => [contactId, conversationId]))
}

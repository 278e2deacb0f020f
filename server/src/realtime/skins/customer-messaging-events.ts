import type { Contact, ContactSummary } from '../../core/contacts/schema.ts'
import type { Conversation } from '../../core/conversations/schema.ts'
import type { Message } from '../../core/messages/schema.ts'
import type { Refusal, Step } from '../protocol.ts'

/** The dialect's own objects; app.ts brings them, since the engine knows no dialect. */
export type CustomerMessagingObjects = {
  customerId(contactId: string): string
  channelId(conversationId: string): string
  /** As the customer sees themselves. */
  customer(contact: Contact): object
  /** With its participants, where they are known. */
  channel(conversation: Conversation, contacts?: ContactSummary[]): object
  /** `author` is who wrote it, where the event tells. */
  message(message: Message, author?: ContactSummary): object
  /** Seconds since 1970. */
  time(at: string): number
  failure(refusal: Pick<Refusal, 'code' | 'message' | 'param' | 'fields'>): object
}

type Shown = { event: string; data: object; channel?: string }

/** What the socket calls an event of the log. One that it has no word for is a bare step: streams have no holes. */
export function presentCustomerEvent(objects: CustomerMessagingObjects, event: Step): Shown {
  switch (event.type) {
    case 'message.created': {
      const { message, author } = event.data
      return inChannel(objects, event, 'message.sent', { message: objects.message(message, author) })
    }
    case 'message.updated':
    case 'message.deleted':
      return inChannel(objects, event, event.type, { message: objects.message(event.data.message) })
    case 'contact.joined': {
      const { conversation, contacts } = event.data
      const data = { channel: objects.channel(conversation, contacts) }
      return { event: 'channel.created', data, channel: objects.channelId(conversation.id) }
    }
    case 'conversation.updated':
      return inChannel(objects, event, 'channel.updated', { channel: objects.channel(event.data.conversation) })
    case 'conversation.deleted': {
      const channel = { ...objects.channel(event.data.conversation), deleted: true }
      return inChannel(objects, event, 'channel.deleted', { channel })
    }
    case 'contact.updated':
      return { event: 'customer.updated', data: { customer: objects.customer(event.data.contact) } }
    case 'contact.deleted': {
      const customer = { ...objects.customer(event.data.contact), deleted: true }
      return { event: 'customer.deleted', data: { customer } }
    }
    default:
      return { event: 'stream.advanced', data: {} }
  }
}

function inChannel(objects: CustomerMessagingObjects, { streamId }: Step, event: string, data: object): Shown {
  return { event, data, channel: objects.channelId(streamId) }
}

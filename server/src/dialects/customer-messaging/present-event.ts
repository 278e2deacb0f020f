import type { Contact, ContactSummary } from '../../core/contacts/schema.ts'
import type { Conversation } from '../../core/conversations/schema.ts'
import type { Message } from '../../core/messages/schema.ts'
import type { WebhookEvent } from '../../core/webhooks/schema.ts'
import type { Timestamp } from '../../platform/clock.ts'
import { presentEventType } from './event-types.ts'
import { presentId } from './wire-ids.ts'

type Options = { isLive: boolean }

/** An event as `GET /events` shows it and as a webhook carries it. */
export function presentEvent(event: WebhookEvent, options: Options) {
  return {
    id: presentId('evt', event.id),
    object: 'event' as const,
    type: presentEventType(event.type),
    created: unixSeconds(event.createdAt),
    livemode: options.isLive,
    data: { object: presentObject(event, options) },
  }
}

function presentObject(event: WebhookEvent, options: Options): Record<string, unknown> {
  // Deleted objects are shown as they were left, and say so.
  const deleted = event.type.endsWith('.deleted') && { deleted: true }
  switch (event.type) {
    case 'contact.created':
    case 'contact.updated':
    case 'contact.deleted':
      return { ...presentCustomer(event.data.contact, options), ...deleted }
    case 'conversation.opened':
    case 'conversation.updated':
    case 'conversation.deleted':
      return { ...presentChannel(event.data.conversation, event.data.contacts, options), ...deleted }
    case 'message.created':
    case 'message.updated':
    case 'message.deleted':
      return { ...presentMessage(event.data.message, event.data.author, options), ...deleted }
    case 'webhook.test':
      return { object: 'webhook_endpoint', id: presentId('we', event.data.endpointId) }
  }
}

function presentCustomer({ id, name, email, metadata, createdAt }: Contact, { isLive }: Options) {
  const shown = { object: 'customer', id: presentId('cust', id), name, email, metadata }
  return { ...shown, created: unixSeconds(createdAt), livemode: isLive }
}

function presentChannel(conversation: Conversation, contacts: ContactSummary[], { isLive }: Options) {
  const { id, isGeneral, name, createdAt } = conversation
  return {
    object: 'channel',
    id: presentId('ch', id),
    type: isGeneral ? 'general' : 'custom',
    name: isGeneral ? 'general' : name,
    participants: contacts.map(presentCustomerSummary),
    created: unixSeconds(createdAt),
    livemode: isLive,
  }
}

function presentMessage(message: Message, author: ContactSummary | null, { isLive }: Options) {
  return {
    object: 'message',
    id: presentId('msg', message.id),
    channel_id: presentId('ch', message.conversationId),
    sender: author && presentCustomerSummary(author),
    sender_id: presentId('cust', message.authorId),
    content: message.body,
    message_type: message.kind,
    type: message.kind,
    metadata: message.metadata ?? {},
    created: unixSeconds(message.createdAt),
    livemode: isLive,
  }
}

function presentCustomerSummary({ id, name }: ContactSummary) {
  return { object: 'customer', id: presentId('cust', id), name }
}

export function unixSeconds(at: Timestamp): number {
  return Math.floor(Date.parse(at) / 1_000)
}

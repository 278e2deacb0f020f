import type { WebhookEvent } from '../../core/webhooks/schema.ts'
import { presentEventType } from './event-types.ts'
import { presentId } from './ids.ts'
import { presentChannel, presentCustomer, presentMessage, toSeconds } from './present.ts'

type Options = { isLive: boolean }

/** An event as `GET /events` shows it and as a webhook carries it. */
export function presentEvent(event: WebhookEvent, { isLive }: Options) {
  return {
    id: presentId('event', event.id),
    object: 'event' as const,
    type: presentEventType(event.type),
    created: toSeconds(event.createdAt),
    livemode: isLive,
    data: { object: presentObject(event, isLive) },
  }
}

function presentObject(event: WebhookEvent, isLive: boolean): Record<string, unknown> {
  // Deleted objects are shown as they were left, and say so.
  const deleted = event.type.endsWith('.deleted') && { deleted: true }
  switch (event.type) {
    case 'contact.created':
    case 'contact.updated':
    case 'contact.deleted':
      return { ...presentCustomer(event.data.contact, isLive), ...deleted }
    case 'conversation.opened':
    case 'conversation.updated':
    case 'conversation.deleted': {
      const { conversation, contacts } = event.data
      return { ...presentChannel({ conversation, contacts, activeAt: event.createdAt }, isLive), ...deleted }
    }
    case 'message.created':
    case 'message.updated':
    case 'message.deleted': {
      const { message, author } = event.data
      const sender = author ?? { id: message.authorId, name: '' }
      return { ...presentMessage(message, { sender, isLive }), ...deleted }
    }
    case 'webhook.test':
      return { object: 'webhook_endpoint', id: presentId('endpoint', event.data.endpointId) }
  }
}

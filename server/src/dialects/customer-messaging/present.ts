import { Type } from 'typebox'
import type { ActiveContact, Contact, ContactSummary } from '../../core/contacts/schema.ts'
import type { CustomerConversation } from '../../core/customer-conversations/schema.ts'
import type { Message } from '../../core/messages/schema.ts'
import type { MessageKind } from '../../core/messages/send-customer-message.ts'
import type { Timestamp } from '../../platform/clock.ts'
import { Id, presentId } from './ids.ts'

export const Seconds = (description: string) => Type.Integer({ description: `${description} Unix time in seconds.` })
export const LiveMode = Type.Boolean({ description: 'Whether it was made with a live key.' })
export const MetadataObject = Type.Record(Type.String(), Type.Unknown(), {
  description: 'What you keep with it: an object of up to 16 KiB.',
})

export function toSeconds(at: Timestamp): number {
  return Math.floor(Date.parse(at) / 1_000)
}

export const CustomerSummaryObject = Type.Object(
  { object: Type.Literal('customer'), id: Id('customer', 'The customer.'), name: Type.String() },
  { description: 'A customer, named beside something else.' },
)

export const CustomerObject = Type.Object(
  {
    ...CustomerSummaryObject.properties,
    email: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'In lower case.' }),
    metadata: MetadataObject,
    created: Seconds('When it was made.'),
    livemode: LiveMode,
  },
  { description: 'One of your customers.' },
)

export const ActiveCustomerObject = Type.Object(
  { ...CustomerObject.properties, latest_message_at: Seconds('The message that put it here in the list.') },
  { description: 'A customer in a list by activity.' },
)

export function presentCustomerSummary({ id, name }: ContactSummary) {
  return { object: 'customer' as const, id: presentId('customer', id), name }
}

export function presentCustomer(contact: Contact, isLive: boolean) {
  const { email, metadata, createdAt } = contact
  return { ...presentCustomerSummary(contact), email, metadata, created: toSeconds(createdAt), livemode: isLive }
}

export function presentActiveCustomer({ contact, activeAt }: ActiveContact, isLive: boolean) {
  return { ...presentCustomer(contact, isLive), latest_message_at: toSeconds(activeAt) }
}

export const ChannelObject = Type.Object(
  {
    object: Type.Literal('channel'),
    id: Id('channel', 'The channel.'),
    type: Type.Enum(['general', 'custom']),
    name: Type.String({ description: '`general`, or the name of a custom channel.' }),
    participants: Type.Array(CustomerSummaryObject, { description: 'The customers in it, 2 to 5.' }),
    created: Seconds('When it was made.'),
    updated_at: Seconds('When its newest message was sent; else when it was made.'),
    livemode: LiveMode,
  },
  { description: 'A conversation between customers.' },
)

export function presentChannel({ conversation, contacts, activeAt }: CustomerConversation, isLive: boolean) {
  return {
    object: 'channel' as const,
    id: presentId('channel', conversation.id),
    type: conversation.isGeneral ? ('general' as const) : ('custom' as const),
    name: conversation.name ?? 'general',
    participants: contacts.map(presentCustomerSummary),
    created: toSeconds(conversation.createdAt),
    updated_at: toSeconds(activeAt),
    livemode: isLive,
  }
}

const kind = Type.Enum(['text', 'image', 'file', 'system'])

export const MessageObject = Type.Object(
  {
    object: Type.Literal('message'),
    id: Id('message', 'The message.'),
    channel_id: Id('channel', 'The channel.'),
    sender: CustomerSummaryObject,
    sender_id: Id('customer', 'The same customer.'),
    content: Type.String({ description: 'The text as it was sent, up to 40,000 characters.' }),
    message_type: kind,
    type: kind,
    metadata: MetadataObject,
    created: Seconds('When it was sent.'),
    livemode: LiveMode,
  },
  { description: 'A message of a customer.' },
)

export function presentMessage(message: Message, { sender, isLive }: { sender: ContactSummary; isLive: boolean }) {
  const summary = presentCustomerSummary(sender)
  return {
    object: 'message' as const,
    id: presentId('message', message.id),
    channel_id: presentId('channel', message.conversationId),
    sender: summary,
    sender_id: summary.id,
    content: message.body,
    message_type: message.kind as MessageKind,
    type: message.kind as MessageKind,
    metadata: message.metadata ?? {},
    created: toSeconds(message.createdAt),
    livemode: isLive,
  }
}

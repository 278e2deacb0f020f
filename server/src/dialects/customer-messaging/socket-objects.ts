import type { Contact, ContactSummary } from '../../core/contacts/schema.ts'
import type { Conversation } from '../../core/conversations/schema.ts'
import type { ErrorCode, FieldProblems } from '../../core/errors.ts'
import type { Message } from '../../core/messages/schema.ts'

type Refusal = { code: ErrorCode; message: string; param: string | null; fields: FieldProblems | null }

/** This dialect's objects as its socket shows them: the same for everybody who gets a frame. */
export function createSocketObjects(isLive: boolean) {
  return {
    customerId,
    channelId,
    customer: (contact: Contact) => presentCustomer(contact, isLive),
    channel: (conversation: Conversation, contacts?: ContactSummary[]) =>
      presentChannel(conversation, { contacts, isLive }),
    message: (message: Message, author?: ContactSummary) => presentMessage(message, { author, isLive }),
    time: toSeconds,
    failure: presentRefusal,
  }
}

function customerId(contactId: string): string {
  return `cust_${contactId}`
}

function channelId(conversationId: string): string {
  return `ch_${conversationId}`
}

function toSeconds(at: string): number {
  return Math.floor(Date.parse(at) / 1_000)
}

function presentCustomer({ id, name, email, metadata, createdAt }: Contact, isLive: boolean) {
  return {
    object: 'customer',
    id: customerId(id),
    name,
    email,
    metadata,
    created: toSeconds(createdAt),
    livemode: isLive,
  }
}

type ChannelExtras = { contacts?: ContactSummary[]; isLive: boolean }

/** Without `participants` where the event does not name them: they never change. */
function presentChannel({ id, isGeneral, name, createdAt }: Conversation, { contacts, isLive }: ChannelExtras) {
  return {
    object: 'channel',
    id: channelId(id),
    type: isGeneral ? 'general' : 'custom',
    name,
    ...(contacts && { participants: contacts.map(presentSummary) }),
    created: toSeconds(createdAt),
    livemode: isLive,
  }
}

/** No emails: others see this. */
function presentSummary({ id, name }: ContactSummary) {
  return { object: 'customer', id: customerId(id), name }
}

type MessageExtras = { author?: ContactSummary; isLive: boolean }

function presentMessage(message: Message, { author, isLive }: MessageExtras) {
  const senderId = customerId(message.authorId)
  return {
    object: 'message',
    id: `msg_${message.id}`,
    channel_id: channelId(message.conversationId),
    sender: author === undefined ? { object: 'customer', id: senderId } : presentSummary(author),
    sender_id: senderId,
    content: message.body,
    message_type: message.kind,
    type: message.kind,
    metadata: message.metadata ?? {},
    created: toSeconds(message.createdAt),
    livemode: isLive,
    ...(message.deletedAt !== null && { deleted: true }),
  }
}

// The core speaks of contacts and conversations where this dialect speaks of customers and channels.
const CODES: Record<string, string> = {
  conversation_not_found: 'channel_not_found',
  contact_not_found: 'customer_not_found',
  invalid_contact_token: 'invalid_customer_token',
  expired_contact_token: 'expired_customer_token',
}
const PARAMS: Record<string, string> = { conversation_id: 'channel', stream: 'channel' }

function presentRefusal({ code, message, param, fields }: Refusal) {
  const wrong = param === null ? Object.keys(fields ?? {})[0] : (PARAMS[param] ?? param)
  return {
    code: CODES[code] ?? code,
    message,
    ...(wrong !== undefined && { param: wrong }),
    ...(fields && { errors: fields }),
  }
}

import type { Contact, ContactSummary } from '../../core/contacts/schema.ts'
import type { Conversation } from '../../core/conversations/schema.ts'
import type { ErrorCode, FieldProblems } from '../../core/errors.ts'
import type { Message } from '../../core/messages/schema.ts'
import { presentId } from './ids.ts'
import { presentChannel, presentCustomer, presentMessage, toSeconds } from './present.ts'

type Refusal = { code: ErrorCode; message: string; param: string | null; fields: FieldProblems | null }

/** This dialect's objects as its socket shows them: the same for everybody who gets a frame. */
export function createSocketObjects(isLive: boolean) {
  return {
    customerId: (contactId: string) => presentId('customer', contactId),
    channelId: (conversationId: string) => presentId('channel', conversationId),
    customer: (contact: Contact) => presentCustomer(contact, isLive),
    channel: (conversation: Conversation, contacts?: ContactSummary[]) =>
      presentSocketChannel(conversation, contacts, isLive),
    message: (message: Message, author?: ContactSummary) => presentSocketMessage(message, author, isLive),
    time: toSeconds,
    failure: presentRefusal,
  }
}

/** Without `participants` where the event does not name them: they never change. */
function presentSocketChannel(conversation: Conversation, contacts: ContactSummary[] | undefined, isLive: boolean) {
  // An event does not know of the latest message.
  const {
    updated_at: _,
    participants,
    ...shown
  } = presentChannel({ conversation, contacts: contacts ?? [], activeAt: conversation.createdAt }, isLive)
  return contacts === undefined ? shown : { ...shown, participants }
}

function presentSocketMessage(message: Message, author: ContactSummary | undefined, isLive: boolean) {
  const { sender, ...shown } = presentMessage(message, { sender: author ?? { id: message.authorId, name: '' }, isLive })
  return {
    ...shown,
    sender: author === undefined ? { object: sender.object, id: sender.id } : sender,
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

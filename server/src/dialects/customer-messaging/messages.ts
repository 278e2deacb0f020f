import { type Static, Type } from 'typebox'
import type { ClientActor } from '../../core/actor.ts'
import { getContactByEmail } from '../../core/contacts/get-contact.ts'
import type { Context } from '../../core/context.ts'
import { openGeneralConversation } from '../../core/customer-conversations/open-general-conversation.ts'
import { AppError, invalidField } from '../../core/errors.ts'
import {
  listContactMessages,
  listConversationMessages,
  listMessagesBetween,
  type MessageWindow,
} from '../../core/messages/list-customer-messages.ts'
import type { Message } from '../../core/messages/schema.ts'
import { type SendCustomerMessage, sendCustomerMessage } from '../../core/messages/send-customer-message.ts'
import { parseFields } from '../../core/parse-fields.ts'
import { sendOnce } from '../../http/idempotency.ts'
import { sendAsItIs } from '../../http/json-body.ts'
import type { CustomerMessagingApp } from './app.ts'
import { Id, parseId, parsePathId } from './ids.ts'
import { ListOf, presentList, readWindow, windowQuery } from './lists.ts'
import { MessageObject, MetadataObject, presentMessage } from './present.ts'

/** @see docs/api/customer-messaging.md#messages */
export function registerMessageRoutes(app: CustomerMessagingApp): void {
  const sending = { idempotency: 'message-log' as const }
  app.post('/api/v1/messages', { schema: schemas.send, config: sending }, async (req, reply) => {
    const input = readMessage(req.body)
    const { message } = await sendOnce(req, reply, {
      ctx: req.clientCtx,
      input,
      send: sendCustomerMessage,
      requireSame,
    })
    return presentOne(req.clientCtx, message)
  })

  app.post('/api/v1/messages/send-to-customer', { schema: schemas.sendTo, config: sending }, async (req, reply) => {
    const { clientCtx: ctx, body } = req
    const content = readContent(body)
    const { conversationId, contactId } = await openChannelOf(ctx, body)
    const input: SendCustomerMessage = { ...content, conversationId, contactId }
    const { message } = await sendOnce(req, reply, { ctx, input, send: sendCustomerMessage, requireSame })
    return presentOne(ctx, message)
  })

  app.get('/api/v1/messages/between', { schema: schemas.listBetween }, async ({ clientCtx, query }, reply) => {
    const { email1, email2 } = query
    const window = readWindow('message', query)
    const page = await listMessagesBetween(clientCtx, {
      ...window,
      emails: [email1, email2],
      fields: ['email1', 'email2'],
    })
    return sendAsItIs(reply, await presentPage(clientCtx, page))
  })

  app.get('/api/v1/messages/channel/:channel_uuid', { schema: schemas.listChannel }, async (req, reply) => {
    const conversationId = parsePathId('channel', req.params.channel_uuid)
    const window = readWindow('message', req.query)
    const page = await listConversationMessages(req.clientCtx, { ...window, conversationId })
    return sendAsItIs(reply, await presentPage(req.clientCtx, page))
  })

  app.get('/api/v1/messages/customer/:customer_uuid', { schema: schemas.listCustomer }, async (req, reply) => {
    const contactId = parsePathId('customer', req.params.customer_uuid)
    const page = await listContactMessages(req.clientCtx, { ...readWindow('message', req.query), contactId })
    return sendAsItIs(reply, await presentPage(req.clientCtx, page))
  })
}

const Kind = Type.Enum(['text', 'image', 'file', 'system'])

const content = {
  content: Type.String({ minLength: 1, description: '1–40,000 characters, kept as they are.' }),
  message_type: Type.Optional(Kind),
  type: Type.Optional(Kind),
  metadata: Type.Optional(Type.Union([MetadataObject, Type.Null()])),
}

const MessageInput = Type.Object({
  channel_uuid: Id('channel', 'Where to.'),
  sender_uuid: Id('customer', 'Who sends it: a participant of the channel.'),
  ...content,
})

function readMessage(body: Static<typeof MessageInput>): SendCustomerMessage {
  return parseFields<SendCustomerMessage>({
    conversationId: () => parseId('channel', body.channel_uuid, 'channel_uuid'),
    contactId: () => parseId('customer', body.sender_uuid, 'sender_uuid'),
    kind: () => readKind(body),
    body: () => body.content,
    metadata: () => body.metadata,
  })
}

function readContent(body: Content): Pick<SendCustomerMessage, 'kind' | 'body' | 'metadata'> {
  return { kind: readKind(body), body: body.content, metadata: body.metadata }
}

type Content = Kinds & { content: string; metadata?: Record<string, unknown> | null }
type Kinds = { type?: SendCustomerMessage['kind']; message_type?: SendCustomerMessage['kind'] }

/** In either spelling. */
function readKind({ type, message_type }: Kinds): SendCustomerMessage['kind'] {
  if (type !== undefined && message_type !== undefined && type !== message_type) {
    throw invalidField('type', 'must be the same as message_type, or left out')
  }
  return message_type ?? type ?? 'text'
}

type Emails = { sender_email: string; recipient_email: string }

/** The general channel of two customers, made where there is none. */
async function openChannelOf(ctx: Context<ClientActor>, { sender_email, recipient_email }: Emails) {
  const sender = await getContactByEmail(ctx, { email: sender_email, field: 'sender_email' })
  const recipient = await getContactByEmail(ctx, { email: recipient_email, field: 'recipient_email' })
  if (sender.id === recipient.id) throw invalidField('recipient_email', 'must not be the sender’s own')
  const { id } = await openGeneralConversation(ctx, { contactIds: [sender.id, recipient.id] })
  return { conversationId: id, contactId: sender.id }
}

/** Refuses where what stands under the key is not what was asked for. */
function requireSame(_ctx: Context<ClientActor>, message: Message, input: SendCustomerMessage): void {
  const { conversationId, contactId, kind, body, metadata } = input
  const isSame =
    message.conversationId === conversationId &&
    message.authorId === contactId &&
    message.kind === kind &&
    message.body === body &&
    JSON.stringify(message.metadata ?? null) === JSON.stringify(metadata ?? null)
  if (!isSame) throw new AppError('idempotency_key_reused')
}

async function presentOne({ ports: { contacts }, actor }: Context<ClientActor>, message: Message) {
  const sender = contacts.peek(message.authorId) ?? (await contacts.find(message.authorId))
  return presentMessage(message, { sender: sender ?? nobody(message), isLive: actor.isLive })
}

async function presentPage(ctx: Context<ClientActor>, page: MessageWindow) {
  const senders = await ctx.ports.contacts.findAll(page.rows.map(({ authorId }) => authorId))
  const { isLive } = ctx.actor
  return presentList(page, (message) => {
    return presentMessage(message, { sender: senders.get(message.authorId) ?? nobody(message), isLive })
  })
}

function nobody({ authorId }: Message) {
  return { id: authorId, name: '' }
}

const tags = ['Messages']
const MessageList = ListOf(MessageObject, 'Messages.')
const email = Type.String({ description: 'The email of a customer, whatever its capital letters.' })

const schemas = {
  send: {
    operationId: 'sendMessage',
    summary: 'Send a message of a customer to a channel',
    tags,
    body: MessageInput,
    response: { 200: MessageObject, 201: MessageObject },
  },
  sendTo: {
    operationId: 'sendMessageToCustomer',
    summary: 'Send a message to a customer: in the general channel of the two, made where there is none',
    tags,
    body: Type.Object({ sender_email: email, recipient_email: email, ...content }),
    response: { 200: MessageObject, 201: MessageObject },
  },
  listBetween: {
    operationId: 'listMessagesBetween',
    summary: 'What two customers sent in the channels that they share, oldest first',
    tags,
    querystring: Type.Object({ ...windowQuery('message', 20), email1: email, email2: email }),
    response: { 200: MessageList },
  },
  listChannel: {
    operationId: 'listChannelMessages',
    summary: 'The messages of a channel, oldest first',
    tags,
    params: Type.Object({ channel_uuid: Id('channel', 'The channel.') }),
    querystring: Type.Object(windowQuery('message', 20)),
    response: { 200: MessageList },
  },
  listCustomer: {
    operationId: 'listCustomerMessages',
    summary: 'What a customer sent, over all channels, newest first',
    tags,
    params: Type.Object({ customer_uuid: Id('customer', 'The customer.') }),
    querystring: Type.Object(windowQuery('message', 20)),
    response: { 200: MessageList },
  },
}

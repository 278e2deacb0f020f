import type { ClientActor } from '../actor.ts'
import { parseMetadata } from '../contacts/metadata.ts'
import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { parseFields } from '../parse-fields.ts'
import type { Written } from './draft.ts'
import { requireStorableText } from './message-text.ts'

export const MESSAGE_KINDS = ['text', 'image', 'file', 'system'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

const BODY_CHARACTERS_MAX = 40_000

export type SendCustomerMessage = {
  conversationId: string
  /** Who sends it: a contact in the conversation. */
  contactId: string
  kind: MessageKind
  body: string
  metadata?: unknown
  /** The client's name for this message, over all of its contacts: a second send with it answers with the first one's. */
  clientId?: string | null
}

/** Sends a message of a contact to a conversation between contacts, and announces it to them. */
export async function sendCustomerMessage(ctx: Context<ClientActor>, input: SendCustomerMessage): Promise<Written> {
  const { conversationId, contactId, kind, body, clientId = null } = input
  const { metadata } = parseFields({
    body: () => requireBody(body),
    metadata: () => (input.metadata ? parseMetadata(input.metadata) : null),
    clientId: () => (clientId === null ? undefined : requireStorableText(clientId, 'client_id')),
  })
  const author = await getSender(ctx, { conversationId, contactId })
  return ctx.ports.messageWriter.write({
    id: ctx.newId(),
    conversationId,
    workspaceId: ctx.actor.workspaceId,
    authorKind: 'contact',
    authorId: contactId,
    author,
    kind,
    body,
    rootId: null,
    mentions: [],
    attachments: [],
    metadata,
    clientId,
    createdAt: ctx.now(),
    notices: [],
  })
}

function requireBody(body: string) {
  requireStorableText(body, 'body')
  if (body.trim() === '') throw invalidField('body', 'must not be empty')
  // A character is one or two of what `length` counts.
  if (body.length > BODY_CHARACTERS_MAX && [...body].length > BODY_CHARACTERS_MAX) {
    throw invalidField('body', `must have at most ${BODY_CHARACTERS_MAX} characters`)
  }
}

type Sender = { conversationId: string; contactId: string }

async function getSender(ctx: Context<ClientActor>, { conversationId, contactId }: Sender) {
  const { customerConversations, contacts } = ctx.ports
  const conversation = customerConversations.peek(conversationId) ?? (await customerConversations.find(conversationId))
  const contact = contacts.peek(contactId) ?? (await contacts.find(contactId))
  const problems: [string, string[]][] = []
  if (conversation?.workspaceId !== ctx.actor.workspaceId) {
    problems.push(['conversation_id', ['is not a conversation of yours']])
  }
  const isIn = conversation?.contactIds.includes(contactId)
  if (contact?.workspaceId !== ctx.actor.workspaceId || contact.isDeleted) {
    problems.push(['contact_id', ['is not a contact of yours']])
  } else if (problems.length === 0 && !isIn) problems.push(['contact_id', ['is not in this conversation']])
  if (problems.length > 0) throw new AppError('invalid_request', { fields: Object.fromEntries(problems) })
  return { id: contactId, name: contact!.name }
}

import type { Timestamp } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import { applyKeyword } from '../consents/apply-keyword.ts'
import { kindOf } from '../consents/ledger.ts'
import { touchLeg } from '../contact-conversations/legs.ts'
import { openContactConversation } from '../contact-conversations/open-contact-conversation.ts'
import { findContactConversation } from '../contact-conversations/queries.ts'
import type { Contact } from '../contacts/schema.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import type { Attachment, Message } from '../messages/schema.ts'
import { findSenderByAddress } from '../senders/queries.ts'
import type { Sender } from '../senders/schema.ts'
import { meetContact } from './meet-contact.ts'

/** What a person wrote to an address of ours, as a carrier brought it. */
export type ReceivedMessage = {
  carrier: string
  /** The carrier's own id: a message that is brought again is the same one. */
  carrierId: string
  transport: Transport
  /** Ours, in its one spelling. */
  to: string
  /** Theirs, in its one spelling: E.164, an email, or what the carrier names people by. */
  from: string
  /** What they call themselves there; null where the carrier does not say. */
  name: string | null
  /** As it was written, up to 40,000 characters; may be empty. */
  body: string
  files: Attachment[]
  /** What an email has beside its text; null for the other transports. */
  email: ReceivedEmail | null
  /** When it arrived here. */
  receivedAt: Timestamp
}

export type ReceivedEmail = {
  subject: string
  /** As it was written; null for none. */
  html: string | null
  inReplyTo: string | null
  /** Message-IDs, oldest first. */
  references: string[]
  /** An answer of a machine: out of office, a list, a bounce. */
  isAutomatic: boolean
}

const BODY_CHARACTERS_MAX = 40_000

/**
 * Writes what came from a person into their conversation; who was not known becomes a contact. Twice is the same as once.
 * Opens the service window, and does what an opt-out word says. False where the address is nobody's here.
 */
export async function receiveMessage(ctx: Context<SystemActor>, received: ReceivedMessage): Promise<boolean> {
  const { carrier, carrierId, transport, from, receivedAt } = received
  const sender = await findSenderByAddress(ctx.db, { transport, address: received.to })
  if (sender === undefined) return false
  const { workspaceId } = sender
  const contact = await meetContact(ctx, { workspaceId, kind: kindOf(transport), value: from, name: received.name })
  const incoming = { received, sender, contact }
  const clientId = `${carrier} ${carrierId}`
  const written = await writeMessage(ctx, { ...incoming, clientId })
  // Its conversation was deleted at the same moment: what comes after that begins a new one.
  const { message } = written.isHidden
    ? await writeMessage(ctx, { ...incoming, clientId: `${clientId} anew` })
    : written
  const { id: messageId, body } = message
  await applyKeyword(ctx, { workspaceId, contactId: contact.id, transport, address: from, messageId, body, receivedAt })
  return true
}

type Incoming = { received: ReceivedMessage; sender: Sender; contact: Contact; clientId: string }

async function writeMessage(
  ctx: Context<SystemActor>,
  { received, sender, contact: { id: contactId, name }, clientId }: Incoming,
): Promise<{ message: Message; isHidden: boolean }> {
  const { carrier, carrierId, transport, from, receivedAt, email } = received
  const { workspaceId } = sender
  const { conversation } = await openContactConversation(ctx, { workspaceId, contactId, transport })
  const leg = { conversationId: conversation.id, senderId: sender.id, address: from }
  await touchLeg(ctx.db, { ...leg, at: ctx.now(), lastInboundAt: receivedAt })
  const messageId = ctx.newId()
  if (email?.html) await keepHtml(ctx, messageId, email.html)
  const { message, isRepeat } = await ctx.ports.messageWriter.write({
    id: messageId,
    conversationId: conversation.id,
    workspaceId,
    authorKind: 'contact',
    authorId: contactId,
    author: { id: contactId, name },
    kind: 'text',
    body: storable(received.body),
    rootId: null,
    mentions: [],
    attachments: received.files,
    metadata: { transport, senderId: sender.id, address: from, carrier, carrierId, ...emailMetadata(email) },
    clientId,
    createdAt: receivedAt,
    notices: [],
    transport,
  })
  // Of a repeat the first one was there to be seen.
  if (isRepeat) return { message, isHidden: false }
  const current = await findContactConversation(ctx.db, { workspaceId, contactId })
  return { message, isHidden: current?.conversation.id !== conversation.id }
}

function emailMetadata(email: ReceivedEmail | null) {
  if (email === null) return {}
  const { subject, inReplyTo, references, isAutomatic } = email
  return { subject: storable(subject), inReplyTo, references, isAutomatic }
}

/** Of a message that turns out to be a repeat it stays behind, and nobody ever sees it. */
async function keepHtml(ctx: Context, messageId: string, html: string): Promise<void> {
  const row = { messageId, html: html.replaceAll('\0', '').toWellFormed() }
  await ctx.db.insertInto('emailBodies').values(row).execute()
}

/** A person’s message is taken in whatever state it is: what cannot be stored is replaced, not refused. */
function storable(body: string): string {
  return body.replaceAll('\0', '\u{fffd}').toWellFormed().slice(0, BODY_CHARACTERS_MAX).toWellFormed()
}

import type { Timestamp } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import { applyKeyword } from '../consents/apply-keyword.ts'
import { kindOf } from '../consents/ledger.ts'
import { touchLeg } from '../contact-conversations/legs.ts'
import { openContactConversation } from '../contact-conversations/open-contact-conversation.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import type { Attachment } from '../messages/schema.ts'
import { findSenderByAddress } from '../senders/queries.ts'
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
  const contactId = contact.id
  const { conversation } = await openContactConversation(ctx, { workspaceId, contactId, transport })
  const leg = { conversationId: conversation.id, senderId: sender.id, address: from }
  await touchLeg(ctx.db, { ...leg, at: ctx.now(), lastInboundAt: receivedAt })
  const body = storable(received.body)
  const messageId = ctx.newId()
  if (received.email?.html) await keepHtml(ctx, messageId, received.email.html)
  const { message } = await ctx.ports.messageWriter.write({
    id: messageId,
    conversationId: conversation.id,
    workspaceId,
    authorKind: 'contact',
    authorId: contactId,
    author: { id: contactId, name: contact.name },
    kind: 'text',
    body,
    rootId: null,
    mentions: [],
    attachments: received.files,
    metadata: { transport, senderId: sender.id, address: from, carrier, carrierId, ...emailMetadata(received.email) },
    clientId: `${carrier} ${carrierId}`,
    createdAt: receivedAt,
    notices: [],
    transport,
  })
  await applyKeyword(ctx, { workspaceId, contactId, transport, address: from, messageId: message.id, body, receivedAt })
  return true
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

import type { UserActor } from '../actor.ts'
import { addAddress } from '../addresses/add-address.ts'
import { readAddresses } from '../addresses/queries.ts'
import type { Address } from '../addresses/schema.ts'
import { kindOf } from '../consents/ledger.ts'
import { requireSendable } from '../consents/require-sendable.ts'
import { findLastInbound, touchLeg } from '../contact-conversations/legs.ts'
import { getTended } from '../contact-conversations/policy.ts'
import type { ContactConversation } from '../contact-conversations/schema.ts'
import type { Context } from '../context.ts'
import { makeMessageId } from '../email/thread.ts'
import { AppError } from '../errors.ts'
import { getAttachments } from '../files/queries.ts'
import type { Attachment, Message } from '../messages/schema.ts'
import { findSender } from '../senders/queries.ts'
import type { Sender } from '../senders/schema.ts'
import type { EmailParts, Transport } from './carrier.ts'
import { findThread } from './find-thread.ts'
import type { SendToContact } from './outgoing-input.ts'
import { parseOutgoing } from './parse-outgoing.ts'
import { findDeliveriesOf } from './queries.ts'
import type { Delivery } from './schema.ts'

export type SentToContact = { message: Message; delivery: Delivery; isRepeat: boolean }

/**
 * Writes a message to a contact and puts it into the queue of its sender, in one transaction: from then on it is carried,
 * whatever happens. Refused at once where nothing may be sent: `contact_dnd`, `opted_out`, `whatsapp_window_closed`;
 * where there is no way: `sender_not_found`, `contact_has_no_address`.
 */
export async function sendToContact(ctx: Context<UserActor>, input: SendToContact): Promise<SentToContact> {
  const { clientId = null } = input
  const prepared = await prepareSend(ctx, input)
  const { opened, sender, address, attachments, email } = prepared
  const { conversation } = opened
  await addNewAddress(ctx, prepared)
  const leg = { conversationId: conversation.id, senderId: sender.id, address }
  await touchLeg(ctx.db, { ...leg, at: ctx.now(), lastInboundAt: null })

  const thread = email && (await findThread(ctx.db, { conversationId: conversation.id, subject: email.subject }))
  const delivery = newDelivery(ctx, { sender, opened, address, email: email && thread && { ...email, ...thread } })
  const { message, isRepeat } = await ctx.ports.messageWriter.write({
    id: delivery.messageId,
    conversationId: conversation.id,
    workspaceId: conversation.workspaceId,
    authorKind: 'user',
    authorId: ctx.actor.id,
    kind: 'text',
    body: input.body,
    rootId: null,
    mentions: [],
    attachments,
    metadata: null,
    clientId,
    createdAt: delivery.createdAt,
    notices: [],
    delivery,
  })
  if (!isRepeat) return { message, delivery, isRepeat }
  const first = (await findDeliveriesOf(ctx.db, [message.id])).get(message.id)
  // The name was given to a message of another kind before.
  if (first === undefined) throw new AppError('client_id_taken', 'client_id')
  return { message, delivery: first, isRepeat }
}

/** What a message to a contact is made of, once nothing stands in its way. */
export type PreparedSend = {
  opened: ContactConversation
  sender: Sender
  address: string
  /** Not one of the contact's yet. */
  isNewAddress: boolean
  attachments: Attachment[]
  email: ReturnType<typeof parseOutgoing>['email']
}

/** Refuses all that `sendToContact` refuses before it writes anything. */
export async function prepareSend(ctx: Context<UserActor>, input: SendToContact): Promise<PreparedSend> {
  const { transport } = input
  const { to, from, email } = parseOutgoing(input)
  const opened = await getTended(ctx, input)
  const { conversation } = opened
  const { workspaceId } = conversation
  const sender = await findSender(ctx.db, { workspaceId, transport, address: from })
  if (sender === undefined) throw new AppError('sender_not_found', 'from')
  const known = await findAddress(ctx, { opened, transport, to })
  const address = known?.value ?? to
  if (address === null) throw new AppError('contact_has_no_address', 'to')
  const lastInboundAt = await findLastInbound(ctx.db, { conversationId: conversation.id, senderId: sender.id, address })
  const contact = { id: opened.contactId, workspaceId }
  await requireSendable(ctx, { contact, transport, address, kind: 'text', lastInboundAt })
  const attachments = await getAttachments(ctx, input.fileIds ?? [])
  return { opened, sender, address, isNewAddress: known === undefined, attachments, email }
}

/** Makes the address one of the contact's, where it is none yet. */
export async function addNewAddress(
  ctx: Context<UserActor>,
  { opened, sender, address, isNewAddress }: PreparedSend,
): Promise<void> {
  if (!isNewAddress) return
  const { workspaceId } = opened.conversation
  await addAddress(ctx, { workspaceId, contactId: opened.contactId, kind: kindOf(sender.transport), address })
}

type FindAddress = { opened: ContactConversation; transport: Transport; to: string | null }

/** The contact's address that is meant; undefined where it is a new one, or they have none. */
async function findAddress(ctx: Context, { opened, transport, to }: FindAddress): Promise<Address | undefined> {
  const { workspaceId } = opened.conversation
  const addresses = await readAddresses(ctx.db, { workspaceId, contactId: opened.contactId })
  const ofKind = addresses.filter(({ kind }) => kind === kindOf(transport))
  return to === null ? ofKind[0] : ofKind.find(({ value }) => value === to)
}

type NewDelivery = {
  sender: Sender
  opened: ContactConversation
  address: string
  email: Omit<EmailParts, 'messageId'> | null
}

function newDelivery(ctx: Context, { sender, opened, address, email }: NewDelivery): Delivery {
  const id = ctx.newId()
  const at = ctx.now()
  return {
    id,
    messageId: ctx.newId(),
    conversationId: opened.conversation.id,
    workspaceId: sender.workspaceId,
    senderId: sender.id,
    transport: sender.transport,
    carrier: sender.carrier,
    toAddress: address,
    email: email && { ...email, messageId: makeMessageId(id, domainOf(sender)) },
    status: 'queued',
    carrierId: null,
    carrierStatus: null,
    errorCode: null,
    errorReason: null,
    createdAt: at,
    updatedAt: at,
  }
}

function domainOf({ address }: Sender): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

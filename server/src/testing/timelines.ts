import { SYSTEM } from '../core/actor.ts'
import { openContactConversation } from '../core/contact-conversations/open-contact-conversation.ts'
import type { ContactConversation } from '../core/contact-conversations/schema.ts'
import { findContact } from '../core/contacts/queries.ts'
import { type Core, createContext } from '../core/context.ts'
import { applySteps } from '../core/deliveries/apply-steps.ts'
import type { Transport } from '../core/deliveries/carrier.ts'
import { findDeliveriesOf } from '../core/deliveries/queries.ts'
import type { Delivery, Step } from '../core/deliveries/schema.ts'
import { createStream } from '../core/log/append-events.ts'
import type { Attachment, Message } from '../core/messages/schema.ts'

export type NewPerson = { workspaceId: string; name: string; email?: string; phone?: string }

type Line = { body: string; transport?: Transport; at?: string }
export type HeardLine = Line & { metadata?: Record<string, unknown>; attachments?: Attachment[] }
export type SentLine = Line & Partial<Pick<Delivery, 'carrier' | 'email'>> & { authorId: string }

/** People outside, and what is written between them and a workspace: no carrier and no operation for sending is needed. */
export type Timelines = {
  /** A contact with their conversation. */
  meet(person: NewPerson): Promise<ContactConversation>
  open(contact: { workspaceId: string; contactId: string }): Promise<ContactConversation>
  /** The contact writes. */
  hear(conversation: ContactConversation, line: string | HeardLine): Promise<Message>
  /** One of the team writes. */
  tell(conversation: ContactConversation, line: SentLine): Promise<Message>
  /** Something is heard of what the team wrote. */
  report(message: Message, heard: Partial<Step> & Pick<Step, 'status'>): Promise<void>
}

export function createTimelines(core: Core): Timelines {
  const ctx = createContext(core, SYSTEM)
  const open: Timelines['open'] = (contact) => openContactConversation(ctx, contact)
  return {
    open,
    async report(message, heard) {
      const { id: deliveryId } = (await findDeliveriesOf(ctx.db, [message.id])).get(message.id)!
      await applySteps(ctx, [{ ...NOTHING_HEARD, occurredAt: ctx.now(), ...heard, deliveryId }])
    },
    meet: async (person) => open({ workspaceId: person.workspaceId, contactId: await addContact(core, person) }),
    hear(conversation, line) {
      const { transport = 'sms', metadata = {}, ...rest } = typeof line === 'string' ? { body: line } : line
      const author = { authorKind: 'contact', authorId: conversation.contactId } as const
      return write(core, conversation, { ...author, ...rest, transport, metadata: { transport, ...metadata } })
    },
    tell(conversation, { authorId, transport = 'sms', carrier = 'twilio', email = null, ...line }) {
      const message = { id: ctx.newId(), createdAt: line.at ?? ctx.now() }
      const delivery: Delivery = {
        id: ctx.newId(),
        messageId: message.id,
        conversationId: conversation.conversation.id,
        workspaceId: conversation.conversation.workspaceId,
        // Nobody dispatches what has no sender.
        senderId: ctx.newId(),
        transport,
        carrier,
        toAddress: '+14155550123',
        email,
        status: 'queued',
        ...{ carrierId: null, carrierStatus: null, errorCode: null, errorReason: null },
        ...{ createdAt: message.createdAt, updatedAt: message.createdAt },
      }
      return write(core, conversation, { ...message, authorKind: 'user', authorId, body: line.body, delivery })
    },
  }
}

const NOTHING_HEARD = {
  source: 'system',
  ...{ attempt: null, dueAt: null, carrierId: null, carrierStatus: null, code: null, reason: null, reportKey: null },
} as const

type Writing = Pick<Message, 'authorKind' | 'authorId' | 'body'> &
  Partial<Pick<Message, 'id' | 'metadata' | 'attachments'>> & {
    at?: string
    transport?: Transport
    delivery?: Delivery
  }

async function write(core: Core, { conversation }: ContactConversation, writing: Writing): Promise<Message> {
  const ctx = createContext(core, SYSTEM)
  const { at = ctx.now(), ...message } = writing
  const { message: written } = await core.ports.messageWriter.write({
    id: ctx.newId(),
    conversationId: conversation.id,
    workspaceId: conversation.workspaceId,
    kind: 'text',
    rootId: null,
    mentions: [],
    attachments: [],
    metadata: null,
    clientId: null,
    createdAt: at,
    notices: [],
    ...message,
  })
  return written
}

async function addContact(core: Core, { workspaceId, name, email, phone }: NewPerson): Promise<string> {
  return createContext(core, SYSTEM).transaction(async (ctx) => {
    const contactId = ctx.newId()
    const now = ctx.now()
    await createStream(ctx.db, contactId, 'contact')
    await ctx.db
      .insertInto('contacts')
      .values({ id: contactId, workspaceId, name, createdAt: now, updatedAt: now })
      .execute()
    const addresses = Object.entries({ email, phone }).flatMap(([kind, value]) =>
      value === undefined
        ? []
        : [{ id: ctx.newId(), workspaceId, contactId, kind, value, isPrimary: true, createdAt: now }],
    )
    if (addresses.length > 0) await ctx.db.insertInto('addresses').values(addresses).execute()
    const contact = (await findContact(ctx.db, { workspaceId, contactId }))!
    ctx.record({ type: 'contact.created', streamId: contactId, workspaceId, data: { contact } })
    return contactId
  })
}

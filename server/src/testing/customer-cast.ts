import { randomUUIDv7 } from 'node:crypto'
import { SYSTEM } from '../core/actor.ts'
import { type Context, type Core, createContext } from '../core/context.ts'
import { CONVERSATION_COLUMNS } from '../core/conversations/queries.ts'
import type { Conversation } from '../core/conversations/schema.ts'
import { createStream } from '../core/log/append-events.ts'
import type { Message } from '../core/messages/schema.ts'

/** carol, dan and frank are contacts of the shop; erin is one of another client's. */
export const CUSTOMERS = ['carol', 'dan', 'frank', 'erin'] as const
export type Customer = (typeof CUSTOMERS)[number]

export type CustomerIds = Record<Customer, string> & {
  /** The client of carol, dan and frank, and its workspace. */
  shopClient: string
  shop: string
  /** Erin's. */
  otherClient: string
  other: string
  /** The general conversation of carol and dan. */
  pair: string
  /** A conversation of carol, dan and frank with a name. */
  trio: string
  /** A conversation of dan and frank: carol is not in it. */
  aside: string
  /** Erin's. */
  foreign: string
}

const AT = '2026-01-01T00:00:00.000Z'

/** Writes the rows directly: the world must do without event truth. */
export async function createCustomers(core: Core): Promise<CustomerIds> {
  const people = Object.fromEntries(CUSTOMERS.map((name) => [name, randomUUIDv7()])) as Record<Customer, string>
  const shop = await insertWorkspace(core, 'shop')
  const other = await insertWorkspace(core, 'other')
  for (const name of CUSTOMERS) await insertContact(core, people[name], name === 'erin' ? other : shop, name)
  const { carol, dan, frank, erin } = people
  const insert = (workspaceId: string, name: string, contactIds: string[]) =>
    insertConversation(createContext(core, SYSTEM), { workspaceId, name, contactIds })
  const clients = { shopClient: randomUUIDv7(), otherClient: randomUUIDv7() }
  for (const id of Object.values(clients)) await createStream(core.database.kysely, id, 'client')
  return {
    ...people,
    ...clients,
    shop,
    other,
    pair: (await insert(shop, 'general', [carol, dan])).id,
    trio: (await insert(shop, 'Order 7', [carol, dan, frank])).id,
    aside: (await insert(shop, 'Order 8', [dan, frank])).id,
    foreign: (await insert(other, 'general', [erin])).id,
  }
}

async function insertWorkspace({ database: { kysely } }: Core, name: string): Promise<string> {
  const id = randomUUIDv7()
  await kysely.insertInto('workspaces').values({ id, name, domain: name, createdAt: AT, updatedAt: AT }).execute()
  await createStream(kysely, id, 'workspace')
  return id
}

async function insertContact({ database: { kysely } }: Core, id: string, workspaceId: string, name: string) {
  await kysely.insertInto('contacts').values({ id, workspaceId, name, createdAt: AT, updatedAt: AT }).execute()
  const email = { kind: 'email', value: `${name}@example.com` }
  await kysely
    .insertInto('addresses')
    .values({ id: randomUUIDv7(), workspaceId, contactId: id, ...email, createdAt: AT })
    .execute()
  await createStream(kysely, id, 'contact')
}

type NewConversation = { workspaceId: string; name: string; contactIds: string[] }

async function insertConversation(ctx: Context, { workspaceId, name, contactIds }: NewConversation) {
  const id = ctx.newId()
  const times = { createdAt: AT, updatedAt: AT }
  const contactsKey = contactIds.toSorted().join(' ')
  await createStream(ctx.db, id, 'conversation')
  const conversation = await ctx.db
    .insertInto('conversations')
    .values({ id, workspaceId, kind: 'customer', name, isGeneral: name === 'general', contactsKey, ...times })
    .returning(CONVERSATION_COLUMNS)
    .executeTakeFirstOrThrow()
  const rows = contactIds.map((contactId, place) => ({ conversationId: id, contactId, place, joinedAt: AT }))
  await ctx.db.insertInto('contactParticipants').values(rows).execute()
  return conversation as Conversation
}

/** What a client's server does, written directly. */
export function createShopServer(core: Core, ids: CustomerIds) {
  const ctx = createContext(core, SYSTEM)
  const workspaceId = ids.shop
  const summary = (name: Customer) => ({ id: ids[name], name })
  return {
    /** Begins a conversation of some contacts, and announces it to them. */
    open: (name: string, customers: Customer[]): Promise<Conversation> =>
      ctx.transaction(async (ctx) => {
        const contactIds = customers.map((one) => ids[one])
        const conversation = await insertConversation(ctx, { workspaceId, name, contactIds })
        const data = { conversation, contacts: customers.map(summary) }
        for (const streamId of contactIds) ctx.record({ type: 'contact.joined', streamId, workspaceId, data })
        ctx.record({ type: 'conversation.opened', streamId: conversation.id, workspaceId, data })
        return conversation
      }),
    /** Brings a contact into a conversation that is there already. */
    add: (customer: Customer, conversationId: string) =>
      ctx.transaction(async (ctx) => {
        const row = { conversationId, contactId: ids[customer], place: 9, joinedAt: AT }
        await ctx.db.insertInto('contactParticipants').values(row).execute()
        const conversation = await changeConversation(ctx, conversationId, { updatedAt: AT })
        const data = { conversation, contacts: [summary(customer)] }
        ctx.record({ type: 'contact.joined', streamId: ids[customer], workspaceId, data })
      }),
    rename: (conversationId: string, name: string) =>
      ctx.transaction(async (ctx) => {
        const conversation = await changeConversation(ctx, conversationId, { name })
        ctx.record({ type: 'conversation.updated', streamId: conversationId, workspaceId, data: { conversation } })
      }),
    deleteConversation: (conversationId: string) =>
      ctx.transaction(async (ctx) => {
        const conversation = await changeConversation(ctx, conversationId, { deletedAt: AT })
        ctx.record({ type: 'conversation.deleted', streamId: conversationId, workspaceId, data: { conversation } })
      }),
    renameContact: (customer: Customer, name: string) =>
      ctx.transaction(async (ctx) => {
        const contact = await changeContact(ctx, ids[customer], { name })
        ctx.record({ type: 'contact.updated', streamId: contact.id, workspaceId, data: { contact } })
      }),
    deleteContact: (customer: Customer) =>
      ctx.transaction(async (ctx) => {
        const contact = await changeContact(ctx, ids[customer], { deletedAt: AT })
        ctx.record({ type: 'contact.deleted', streamId: contact.id, workspaceId, data: { contact } })
      }),
    /** Tells that something of the client changed. */
    changeClient: (clientId: string) =>
      ctx.transaction(async (ctx) => {
        ctx.record({ type: 'client.updated', streamId: clientId, workspaceId: null, data: { clientId } })
      }),
    say: async (customer: Customer, conversationId: string, body: string): Promise<Message> => {
      const { message } = await ctx.ports.messageWriter.write({
        ...{ id: ctx.newId(), conversationId, workspaceId: customer === 'erin' ? ids.other : workspaceId },
        ...{ authorKind: 'contact', authorId: ids[customer], author: summary(customer), kind: 'text', body },
        ...{ rootId: null, mentions: [], attachments: [], metadata: { n: 1 }, clientId: null },
        ...{ createdAt: ctx.now(), notices: [] },
      })
      return message
    },
  }
}

type ConversationChange = { name?: string; updatedAt?: string; deletedAt?: string }

async function changeConversation({ db }: Context, id: string, change: ConversationChange) {
  const changed = await db
    .updateTable('conversations')
    .set(change)
    .where('id', '=', id)
    .returning(CONVERSATION_COLUMNS)
    .executeTakeFirstOrThrow()
  return changed as Conversation
}

async function changeContact({ db }: Context, id: string, change: { name?: string; deletedAt?: string }) {
  const { messageCount: _, ...row } = await db
    .updateTable('contacts')
    .set(change)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return { ...row, email: null, metadata: {} }
}

/** The server of a client, as the caller of an operation. */
export function asClient(core: Core, { shopClient, shop, otherClient, other }: CustomerIds, isOther = false) {
  const who = isOther ? { id: otherClient, workspaceId: other } : { id: shopClient, workspaceId: shop }
  return createContext(core, { kind: 'client' as const, ...who, isLive: !isOther, address: null })
}

/** Clients that are there, each with pages at `https://<name>.example`, until they are revoked. */
export function createClients({ shopClient, otherClient }: CustomerIds) {
  const domains = new Map([
    [shopClient, 'shop.example'],
    [otherClient, 'other.example'],
  ])
  return {
    isActive: async (clientId: string) => domains.has(clientId),
    allowsOrigin: async (clientId: string, origin: string) => URL.parse(origin)?.hostname === domains.get(clientId),
    revoke: (clientId: string) => domains.delete(clientId),
  }
}

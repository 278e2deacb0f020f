import { randomUUIDv7 } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ClientActor } from '../core/actor.ts'
import type { Contact } from '../core/contacts/schema.ts'
import { type Context, type Core, createContext } from '../core/context.ts'
import type { Conversation } from '../core/conversations/schema.ts'
import { createStream } from '../core/log/append-events.ts'
import type { Message } from '../core/messages/schema.ts'
import { type TestWorld, type TestWorldOptions, testWorld } from './world.ts'

const AT = '2026-01-01T00:00:00.000Z'

/** Two API clients with a workspace each: acme and, out to read what is not theirs, mallet. */
export type ClientWorld = TestWorld & {
  acme: Context<ClientActor>
  mallet: Context<ClientActor>
  /** The same client on another node. */
  onNode(core: Core, client: Context<ClientActor>): Context<ClientActor>
}

export async function clientWorld(t: TestContext, options: TestWorldOptions = {}): Promise<ClientWorld> {
  // The clients' rows are written behind the operations' back.
  const world = await testWorld(t, { ...options, eventTruth: false })
  const { core } = world.runtime
  const acme = await createClient(core, 'acme-client')
  const mallet = await createClient(core, 'mallet-client')
  return { ...world, acme, mallet, onNode: (other, { actor }) => createContext(other, actor) }
}

async function createClient(core: Core, domain: string): Promise<Context<ClientActor>> {
  const { kysely } = core.database
  const actor: ClientActor = {
    kind: 'client',
    id: randomUUIDv7(),
    workspaceId: randomUUIDv7(),
    isLive: false,
    address: '192.0.2.1',
  }
  await kysely
    .insertInto('workspaces')
    .values({ id: actor.workspaceId, name: domain, domain, hasClientEvents: true, createdAt: AT, updatedAt: AT })
    .execute()
  await createStream(kysely, actor.id, 'client')
  await createStream(kysely, actor.workspaceId, 'workspace')
  return createContext(core, actor)
}

/** A contact of the client, announced. */
export async function createContact(client: Context<ClientActor>, name: string): Promise<Contact> {
  const { workspaceId } = client.actor
  return client.transaction(async (ctx) => {
    const at = ctx.now()
    const row = { id: ctx.newId(), workspaceId, name, createdAt: at, updatedAt: at }
    await ctx.db.insertInto('contacts').values(row).execute()
    await createStream(ctx.db, row.id, 'contact')
    const contact: Contact = { ...row, email: `${name}@example.com`, metadata: {}, deletedAt: null }
    ctx.record({ type: 'contact.created', streamId: contact.id, workspaceId, data: { contact } })
    return contact
  })
}

/** The general conversation of some contacts, announced. */
export async function openConversation(client: Context<ClientActor>, contacts: Contact[]): Promise<Conversation> {
  const { workspaceId } = client.actor
  return client.transaction(async (ctx) => {
    const at = ctx.now()
    const row = {
      id: ctx.newId(),
      workspaceId,
      kind: 'customer' as const,
      isGeneral: true,
      createdAt: at,
      updatedAt: at,
    }
    const contactsKey = contacts.map(({ id }) => id).join(' ')
    await createStream(ctx.db, row.id, 'conversation')
    await ctx.db
      .insertInto('conversations')
      .values({ ...row, contactsKey })
      .execute()
    const places = contacts.map(({ id }, place) => ({ conversationId: row.id, contactId: id, place, joinedAt: at }))
    await ctx.db.insertInto('contactParticipants').values(places).execute()
    const nothing = { name: null, description: null, createdBy: null, deletedAt: null, isPrivate: false }
    const conversation: Conversation = { ...row, ...nothing }
    const summaries = contacts.map(({ id, name }) => ({ id, name }))
    const data = { conversation, contacts: summaries }
    ctx.record({ type: 'conversation.opened', streamId: row.id, workspaceId, data })
    return conversation
  })
}

/** A message of a contact, written as all are. */
export async function sendAs(
  client: Context<ClientActor>,
  { author, conversation, body }: { author: Contact; conversation: Conversation; body: string },
): Promise<Message> {
  const { message } = await client.ports.messageWriter.write({
    id: client.newId(),
    conversationId: conversation.id,
    workspaceId: client.actor.workspaceId,
    authorKind: 'contact',
    authorId: author.id,
    author: { id: author.id, name: author.name },
    kind: 'text',
    body,
    rootId: null,
    mentions: [],
    attachments: [],
    metadata: null,
    clientId: null,
    createdAt: client.now(),
    notices: [],
  })
  return message
}

const UNTIL_MS = 20_000

/** Waits for something that happens by itself; fails with what was waited for. */
export async function until<T>(what: string, find: () => Promise<T | undefined | false> | T | undefined | false) {
  const giveUpAt = performance.now() + UNTIL_MS
  for (;;) {
    const found = await find()
    if (found !== undefined && found !== false) return found as T
    if (performance.now() > giveUpAt) throw new Error(`Waited in vain until ${what}.`)
    await delay(5)
  }
}

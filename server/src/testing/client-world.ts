import { randomUUIDv7 } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ClientActor } from '../core/actor.ts'
import { createContact as makeContact } from '../core/contacts/create-contact.ts'
import type { Contact } from '../core/contacts/schema.ts'
import { type Context, type Core, createContext } from '../core/context.ts'
import type { Conversation } from '../core/conversations/schema.ts'
import { createGeneralConversation } from '../core/customer-conversations/create-general-conversation.ts'
import { createStream } from '../core/log/append-events.ts'
import type { Message } from '../core/messages/schema.ts'
import { sendCustomerMessage } from '../core/messages/send-customer-message.ts'
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

export function createContact(client: Context<ClientActor>, name: string): Promise<Contact> {
  return makeContact(client, { name, email: `${name}@example.com` })
}

/** The general conversation of some contacts. */
export async function openConversation(client: Context<ClientActor>, contacts: Contact[]): Promise<Conversation> {
  const contactIds = contacts.map(({ id }) => id)
  return (await createGeneralConversation(client, { contactIds })).conversation
}

/** A message of a contact. */
export async function sendAs(
  client: Context<ClientActor>,
  { author, conversation, body }: { author: Contact; conversation: Conversation; body: string },
): Promise<Message> {
  const input = { conversationId: conversation.id, contactId: author.id, kind: 'text', body } as const
  return (await sendCustomerMessage(client, input)).message
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

import type { TestContext } from 'node:test'
import { type ClientActor, SYSTEM } from '../core/actor.ts'
import { createClient } from '../core/clients/create-client.ts'
import { createContact } from '../core/contacts/create-contact.ts'
import { type Context, createContext } from '../core/context.ts'
import { openGeneralConversation } from '../core/customer-conversations/open-general-conversation.ts'
import { sendCustomerMessage } from '../core/messages/send-customer-message.ts'
import type { Runtime } from '../runtime.ts'
import { type TestWorld, type TestWorldOptions, testWorld } from './world.ts'

export type CustomerWorld = TestWorld & {
  /** The client that all here belongs to, with live keys. */
  asClient(node?: Runtime): Context<ClientActor>
  workspaceId: string
  clientId: string
  contactIds: string[]
  /** The general conversations of the first contact with each of the others. */
  conversationIds: string[]
}

/** The cast, beside an API client with some contacts. */
export async function customerWorld(
  t: TestContext,
  { contacts, ...options }: TestWorldOptions & { contacts: number },
): Promise<CustomerWorld> {
  const world = await testWorld(t, options)
  const created = await createClient(createContext(world.runtime.core, SYSTEM), {
    name: 'Acme',
    domain: 'acme.example',
  })
  const { id, liveWorkspaceId: workspaceId } = created.client
  const actor: ClientActor = { kind: 'client', id, workspaceId, isLive: true, address: '192.0.2.1' }
  const asClient = (node: Runtime = world.runtime) => createContext(node.core, actor)
  const contactIds: string[] = []
  for (let i = 0; i < contacts; i++) {
    const contact = await createContact(asClient(), { name: `contact ${i}`, email: `contact-${i}@example.com` })
    contactIds.push(contact.id)
  }
  const [first, ...others] = contactIds
  const conversationIds: string[] = []
  for (const other of others) {
    conversationIds.push((await openGeneralConversation(asClient(), { contactIds: [first!, other] })).id)
  }
  return { ...world, asClient, workspaceId, clientId: id, contactIds, conversationIds }
}

/** The first contact says something in its conversation with another. */
export async function say(world: CustomerWorld, conversation: number, node?: Runtime) {
  const conversationId = world.conversationIds[conversation]!
  const input = { conversationId, contactId: world.contactIds[0]!, kind: 'text', body: 'hi' } as const
  return (await sendCustomerMessage(world.asClient(node), input)).message
}

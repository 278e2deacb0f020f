import { type ClientActor, SYSTEM } from '../core/actor.ts'
import { createClient } from '../core/clients/create-client.ts'
import { createContact } from '../core/contacts/create-contact.ts'
import { type Context, type Core, createContext } from '../core/context.ts'
import { openGeneralConversation } from '../core/customer-conversations/open-general-conversation.ts'
import { openNamedConversation } from '../core/customer-conversations/open-named-conversation.ts'
import { sendCustomerMessage } from '../core/messages/send-customer-message.ts'

/** With which keys customer messaging can be tried: the test pair of a client that has some data there. */
export type DemoKeys = { publicKey: string; token: string }

/** An API client whose customers have begun to talk. */
export async function seedCompany(core: Core): Promise<DemoKeys> {
  const { client, test } = await createClient(createContext(core, SYSTEM), { name: 'Demo shop', domain: 'localhost' })
  const { id, testWorkspaceId: workspaceId, testPublicKey: publicKey } = client
  const actor: ClientActor = { kind: 'client', id, workspaceId, isLive: false, address: null }
  await fillChannels(createContext(core, actor))
  return { publicKey, token: test.token }
}

async function fillChannels(ctx: Context<ClientActor>): Promise<void> {
  const carol = (await createContact(ctx, { name: 'Carol', email: 'carol@example.com' })).id
  const shop = (await createContact(ctx, { name: 'The shop', email: 'shop@example.com' })).id
  const general = (await openGeneralConversation(ctx, { contactIds: [carol, shop] })).id
  const order = await openNamedConversation(ctx, { contactIds: [carol, shop], name: 'Order 1815' })
  const say = (conversationId: string, contactId: string, body: string) =>
    sendCustomerMessage(ctx, { conversationId, contactId, kind: 'text', body })
  await say(general, carol, 'Hello! Do you send abroad?')
  await say(general, shop, 'We do, to wherever a letter goes.')
  await say(order.conversation.id, carol, 'Then one difference engine, please.')
}

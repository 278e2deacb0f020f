import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { asClient, createClients, createCustomers, createShopServer } from '../../testing/customer-cast.ts'
import { signedUp } from '../../testing/signed-up.ts'
import { testWorld } from '../../testing/world.ts'
import { authenticate } from '../sessions/authenticate.ts'
import { authenticateContact } from './authenticate-contact.ts'
import { mintContactToken } from './mint-contact-token.ts'

const NOW = '2026-03-01T12:00:00.750Z'

async function shopWorld(t: TestContext) {
  const world = await testWorld(t, { eventTruth: false })
  const { core } = world.runtime
  const ids = await createCustomers(core)
  const clients = createClients(ids)
  core.ports.contactClients = clients
  world.setNow(NOW)
  const shop = asClient(core, ids)
  const whoIs = (token: string, origin: string | null = null) =>
    authenticateContact(core, { token, address: '192.0.2.7', origin })
  return { world, core, ids, clients, shop, whoIs, server: createShopServer(core, ids) }
}

test('a token stands for a contact for an hour, unless it says otherwise', async (t) => {
  const { ids, shop, world, whoIs } = await shopWorld(t)
  const { token, expiresAt } = await mintContactToken(shop, { contactId: ids.carol, conversationIds: null })
  assert.equal(expiresAt, '2026-03-01T13:00:00.000Z')
  const { sessionId, ...actor } = await whoIs(token)
  assert.ok(sessionId)
  assert.deepEqual(actor, {
    kind: 'contact',
    id: ids.carol,
    workspaceId: ids.shop,
    clientId: ids.shopClient,
    isLive: true,
    conversationIds: null,
    expiresAt,
    address: '192.0.2.7',
  })
  world.setNow('2026-03-01T12:59:59.999Z')
  await whoIs(token)
  world.setNow(expiresAt)
  await assert.rejects(whoIs(token), { code: 'expired_contact_token' })
  const short = await mintContactToken(shop, { contactId: ids.carol, conversationIds: null, ttlS: 60 })
  assert.equal(short.expiresAt, '2026-03-01T13:01:00.000Z')
})

test('a token may open some conversations only, each once and each one of the contact’s own', async (t) => {
  const { ids, shop, whoIs, server } = await shopWorld(t)
  const mint = (conversationIds: string[]) => mintContactToken(shop, { contactId: ids.carol, conversationIds })
  const { token } = await mint([ids.pair, ids.pair.toUpperCase()])
  assert.deepEqual((await whoIs(token)).conversationIds, [ids.pair])
  assert.deepEqual((await whoIs((await mint([])).token)).conversationIds, [])
  for (const foreign of [ids.aside, ids.foreign, ids.shop, crypto.randomUUID()]) {
    const refused = { code: 'conversation_not_found', param: 'conversation_ids.1' }
    await assert.rejects(mint([ids.pair, foreign]), refused)
  }
  await server.deleteConversation(ids.trio)
  await assert.rejects(mint([ids.trio]), { code: 'conversation_not_found' })
  await assert.rejects(mint(Array(101).fill(ids.pair)), { code: 'invalid_request' })
})

test('no token is made for unknown, foreign or deleted contacts, nor for a nonsense time', async (t) => {
  const { ids, shop, server } = await shopWorld(t)
  const mint = (contactId: string, ttlS?: number) => mintContactToken(shop, { contactId, conversationIds: null, ttlS })
  await server.deleteContact('dan')
  for (const contactId of [crypto.randomUUID(), ids.erin, ids.dan]) {
    await assert.rejects(mint(contactId), { code: 'contact_not_found' })
  }
  for (const ttlS of [59, 86_401, 60.5, Number.NaN])
    await assert.rejects(mint(ids.carol, ttlS), { code: 'invalid_request' })
  await mint(ids.carol, 86_400)
})

test('a token ends with its contact and with its client', async (t) => {
  const { ids, shop, whoIs, server, clients } = await shopWorld(t)
  const mint = async (contactId: string) => (await mintContactToken(shop, { contactId, conversationIds: null })).token
  const [carol, dan] = [await mint(ids.carol), await mint(ids.dan)]
  await server.deleteContact('dan')
  await assert.rejects(whoIs(dan), { code: 'invalid_contact_token' })
  await whoIs(carol)
  clients.revoke(ids.shopClient)
  await assert.rejects(whoIs(carol), { code: 'invalid_contact_token' })
})

test('a page must be of the client’s own origin', async (t) => {
  const { ids, shop, whoIs } = await shopWorld(t)
  const { token } = await mintContactToken(shop, { contactId: ids.carol, conversationIds: null })
  await whoIs(token, 'https://shop.example')
  for (const origin of ['https://other.example', 'https://shop.example.evil.example', 'null', '']) {
    await assert.rejects(whoIs(token, origin), { code: 'contact_origin_not_allowed', kind: 'forbidden' })
  }
})

test('users’ tokens are no contacts’ tokens, nor the other way round', async (t) => {
  const { world, dana } = await signedUp(t, { eventTruth: false })
  const { core } = world.runtime
  const ids = await createCustomers(core)
  core.ports.contactClients = createClients(ids)
  const { token } = await mintContactToken(asClient(core, ids), { contactId: ids.carol, conversationIds: null })
  await authenticateContact(core, { token, address: null, origin: null })
  await assert.rejects(authenticate(core, { token, address: null }), { code: 'invalid_access_token' })
  const asContact = authenticateContact(core, { token: dana.accessToken, address: null, origin: null })
  await assert.rejects(asContact, { code: 'invalid_contact_token' })
})

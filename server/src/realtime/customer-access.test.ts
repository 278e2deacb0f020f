import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customersWorld } from '../testing/customer-sockets.ts'
import { untilConnections } from '../testing/realtime-world.ts'

const FAR = '2126-01-01T00:00:00.000Z'

test('a token is taken from the query, a header or a first frame; others wait in vain', async (t) => {
  const { mint, open } = await customersWorld(t, { authTimeoutMs: 30 })
  const token = await mint('carol')
  await open(`?token=${token}`).named('connection.ready')
  const socket = open()
  await socket.raw.send({ event: 'auth', data: { token }, id: 'a' })
  assert.equal((await socket.named('connection.ready')).id, 'a')
  assert.equal(await open().ended, 4401)
  const early = open()
  const refused = await early.ask('typing.start', { channel: crypto.randomUUID() })
  assert.deepEqual([refused.event, refused.data.code], ['error', 'unauthenticated'])
})

test('what is no customer’s token is closed with 4401: nonsense, a ticket, a user’s token', async (t) => {
  const { open } = await customersWorld(t)
  for (const query of ['?token=nonsense', '?ticket=ticket-ada', '?token=ada'])
    assert.equal(await open(query).ended, 4401)
  const socket = open()
  await socket.send('auth', {})
  assert.equal(await socket.ended, 4401)
})

test('a customer’s token opens nothing of users', async (t) => {
  const { mint, w } = await customersWorld(t)
  const token = await mint('carol')
  const headers = { authorization: `Bearer ${token}` }
  for (const path of ['/ws', '/v1/ws/connect']) assert.equal(await w.socket(path, headers).ended, 4401)
  for (const path of ['/v1/events?wait_s=0', '/v1/events/page?stream=x']) {
    assert.equal((await fetch(`${w.httpUrl}${path}`, { headers })).status, 401, path)
  }
})

test('a socket ends within a second or so of its token, with 4401', async (t) => {
  const { enter, w, mint, open } = await customersWorld(t)
  const [carol, dan] = [await enter('carol', { ttlS: 60 }), await enter('dan', { ttlS: 86_400 })]
  const token = await mint('carol', { ttlS: 60 })
  w.setNow(new Date(Date.now() + 61_000).toISOString())
  assert.equal(await carol.ended, 4401)
  await dan.settle()
  assert.equal(await open(`?token=${token}`).ended, 4401)
  w.setNow(FAR)
  assert.equal(await dan.ended, 4401)
})

test('a deleted customer hears so, and all their sockets end with 4401, at every node', async (t) => {
  const { enter, server, w, mint, open } = await customersWorld(t)
  const node = await w.startNode()
  const carol = [await enter('carol'), await enter('carol', { wsUrl: node.wsUrl })]
  const dan = await enter('dan')
  const token = await mint('carol')
  await server.deleteContact('carol')
  for (const socket of carol) assert.equal(await socket.ended, 4401)
  assert.equal(carol[0]!.heard('customer.deleted').length, 1)
  assert.equal(await open(`?token=${token}`).ended, 4401)
  await dan.settle()
})

test('the sockets of a revoked client end with 4401, others’ stay', async (t) => {
  // The sweep would find them too, long after.
  const { enter, server, w, ids, clients, mint, open } = await customersWorld(t, { sessionCheckMs: 3_600_000 })
  const [carol, dan, erin] = [await enter('carol'), await enter('dan'), await enter('erin')]
  const token = await mint('carol')
  await server.changeClient(ids.shopClient)
  await w.tail.caughtUp()
  for (const socket of [carol, dan]) await socket.settle()
  clients.revoke(ids.shopClient)
  await server.changeClient(ids.shopClient)
  for (const socket of [carol, dan]) assert.equal(await socket.ended, 4401)
  await erin.settle()
  assert.equal(await open(`?token=${token}`).ended, 4401)
})

test('a client that was revoked without a word is found by the sweep', async (t) => {
  const { enter, ids, clients } = await customersWorld(t, { sessionCheckMs: 1 })
  const [carol, erin] = [await enter('carol'), await enter('erin')]
  clients.revoke(ids.shopClient)
  assert.equal(await carol.ended, 4401)
  await erin.settle()
})

test('a client that is revoked while a socket begins is not missed', async (t) => {
  const { w, ids, clients, mint, open } = await customersWorld(t)
  const token = await mint('carol')
  const { core } = w.runtime
  let asked = 0
  core.ports.contactClients = {
    ...clients,
    isActive: async (clientId) => {
      const answer = await clients.isActive(clientId)
      // Between the sign-in's question and the next one.
      if (++asked === 1) clients.revoke(ids.shopClient)
      return answer
    },
  }
  const carol = open(`?token=${token}`)
  assert.equal(await carol.ended, 4401)
  assert.equal(carol.heard('connection.ready').length, 0)
})

test('pages of other origins are closed with 4403 once it is known whose token it is', async (t) => {
  const { enter, mint, open, w } = await customersWorld(t)
  await enter('carol', { origin: 'https://shop.example' })
  const token = await mint('carol')
  for (const origin of ['https://other.example', 'null', w.httpUrl]) {
    assert.equal(await open(`?token=${token}`, { origin }).ended, 4403, origin)
    const socket = open('', { origin })
    await socket.send('auth', { token })
    assert.equal(await socket.ended, 4403)
  }
  assert.equal(await open('?token=nonsense', { origin: 'https://other.example' }).ended, 4401)
  assert.equal(await w.socket('/ws?token=ada', { origin: 'https://shop.example' }).ended, 403, 'as ever for users')
})

test('connections of one customer are counted', async (t) => {
  const { enter, mint, open, w } = await customersWorld(t, { connectionsPerUserMax: 2 })
  const carol = [await enter('carol'), await enter('carol', { conversationIds: [] })]
  const token = await mint('carol')
  assert.equal(await open(`?token=${token}`).ended, 4429)
  await enter('dan')
  carol[0]!.close()
  await untilConnections(w.gateway, 2)
  await enter('carol')
})

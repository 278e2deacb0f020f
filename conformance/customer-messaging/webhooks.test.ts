// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { eventually } from '../harness/eventually.ts'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { bare, makeChannel, makeCompany, makeCustomer, refused, say, walk } from './company.ts'

type Received = { headers: IncomingHttpHeaders; body: string }

const server = await startTestServer({ PARLANCE_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' })

/** A client's own server, which answers with a status, or not at all. */
async function openReceiver(answer: () => number | undefined = () => 200) {
  const received: Received[] = []
  const receiver = createServer(async (req, res) => {
    received.push({ headers: req.headers, body: await text(req) })
    const status = answer()
    if (status !== undefined) res.writeHead(status).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  after(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  return { received, url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook` }
}

/** What an independent library makes of a webhook; throws where its signature is not right. */
function verify(secret: string, { headers, body }: Received): any {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}

test('what happens is sent, signed, in its order, and once', async () => {
  const { live } = await makeCompany(server)
  const { received, url } = await openReceiver()
  const endpoint = await ok(201, live.post('/client/webhooks', { url }))
  const carol = await makeCustomer(live)
  const dan = await makeCustomer(live, 'Dan')
  const channel = await makeChannel(live, [carol, dan])
  const message = await say(live, channel, carol, 'hello')
  await eventually(() => assert.equal(received.length, 4))
  const events = received.map((one) => verify(endpoint.secret, one))
  assert.deepEqual(
    events.map(({ type, livemode }) => [type, livemode]),
    [
      ['customer.created', true],
      ['customer.created', true],
      ['channel.created', true],
      ['message.sent', true],
    ],
  )
  assert.deepEqual(events[3].data.object, message)
  assert.deepEqual(events[0].data.object, carol)
  assert.equal(received[3]!.headers['webhook-id'], events[3].id)
  assert.throws(() => verify(`whsec_${Buffer.alloc(32).toString('base64')}`, received[3]!))
  assert.deepEqual(await ok(200, live.get(`/events/${events[3].id}`)), events[3])
  const { data } = await ok(200, live.get(`/client/webhooks/${endpoint.id}/deliveries`))
  assert.deepEqual(
    data.map(({ status }: { status: string }) => status),
    Array(4).fill('delivered'),
  )
})

test('kill -9 in the middle of an attempt loses nothing: it is tried again under the same id', async () => {
  const { live } = await makeCompany(server)
  let isUp = false
  const { received, url } = await openReceiver(() => (isUp ? 200 : undefined))
  const endpoint = await ok(201, live.post('/client/webhooks', { url, event_types: ['message.sent'] }))
  const [carol, dan] = [await makeCustomer(live), await makeCustomer(live, 'Dan')]
  const channel = await makeChannel(live, [carol, dan])
  await say(live, channel, carol, 'first')
  await eventually(() => assert.equal(received.length, 1))
  await server.kill()
  isUp = true
  await server.start()
  await say(live, channel, carol, 'second')
  const contents = () => new Set(received.slice(1).map((one) => verify(endpoint.secret, one).data.object.content))
  await eventually(() => assert.deepEqual(contents(), new Set(['first', 'second'])), 60_000)
  const again = received.slice(1).find((one) => one.headers['webhook-id'] === received[0]!.headers['webhook-id'])
  assert.equal(again?.body, received[0]!.body)
})

test('what failed can be looked at and sent again', async () => {
  const { live } = await makeCompany(server)
  let status = 410
  const { received, url } = await openReceiver(() => status)
  const endpoint = await ok(201, live.post('/client/webhooks', { url }))
  const carol = await makeCustomer(live)
  const path = `/client/webhooks/${endpoint.id}`
  await eventually(async () => assert.equal((await ok(200, live.get(path))).status, 'disabled'))
  const [delivery] = (await ok(200, live.get(`${path}/deliveries`))).data
  await eventually(async () => {
    const shown = await ok(200, live.get(`${path}/deliveries/${bare(delivery.id)}`))
    assert.deepEqual(
      shown.attempts.map((attempt: { status_code: number }) => attempt.status_code),
      [410],
    )
  })
  status = 200
  await ok(200, live.patch(path, { enabled: true }))
  await ok(202, live.post(`${path}/deliveries/${delivery.id}/replay`))
  await eventually(() => assert.equal(received.length, 2))
  assert.deepEqual(verify(endpoint.secret, received[1]!).data.object, carol)
  assert.equal(received[1]!.headers['webhook-id'], received[0]!.headers['webhook-id'])
})

test('a secret is shown once, and rotates with an overlap', async () => {
  const { live } = await makeCompany(server)
  const { received, url } = await openReceiver()
  const made = await ok(201, live.post('/client/webhooks', { url }))
  const { secret, ...endpoint } = made
  assert.deepEqual(await ok(200, live.get(`/client/webhooks/${endpoint.id}`)), endpoint)
  assert.deepEqual((await ok(200, live.get('/client/webhooks'))).data, [endpoint])
  const rotated = await ok(200, live.post(`/client/webhooks/${endpoint.id}/rotate`))
  assert.notEqual(rotated.secret, secret)
  await makeCustomer(live)
  await eventually(() => assert.equal(received.length, 1))
  for (const one of [secret, rotated.secret]) assert.equal(verify(one, received[0]!).type, 'customer.created')
  await ok(200, live.delete(`/client/webhooks/${endpoint.id}`))
  await refused('404 resource_missing', live.get(`/client/webhooks/${endpoint.id}`))
})

test('no webhook goes to a private address that is not allowed', async () => {
  const { live } = await makeCompany(server)
  const urls = [
    'http://10.0.0.1/',
    'https://192.168.1.1/x',
    'http://[::1]/',
    'http://169.254.169.254/latest',
    'ftp://example.com/',
    'https://user:pw@example.com/',
    'nonsense',
  ]
  for (const url of urls) await refused('422 parameter_invalid url', live.post('/client/webhooks', { url }))
})

test('events are paged while more come, each once, and a client sees its own', async () => {
  const { live, test: testKeys } = await makeCompany(server)
  for (let i = 0; i < 12; i++) await makeCustomer(live)
  const before = (await ok(200, live.get('/events?limit=100'))).data
  assert.equal(before.length, 12)
  const walked = await walk(live.get, '/events', { limit: 5, between: () => makeCustomer(live) })
  assert.deepEqual(walked, before)
  assert.equal((await ok(200, testKeys.get('/events'))).total_count, 0)
  await refused('404 resource_missing', testKeys.get(`/events/${before[0].id}`))
  await refused('422 invalid_cursor starting_after', testKeys.get(`/events?starting_after=${before[0].id}`))
})

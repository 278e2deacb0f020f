import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { presentEvent } from '../../dialects/customer-messaging/present-event.ts'
import { addMs } from '../../platform/clock.ts'
import { createLogger } from '../../platform/log.ts'
import { createContact, openConversation, sendAs, until } from '../../testing/client-world.ts'
import { openReceiver } from '../../testing/webhook-receiver.ts'
import { type WebhookWorld, webhookWorld } from '../../testing/webhook-world.ts'
import { listClientEvents } from '../client-events/list-client-events.ts'
import { createWebhookEndpoint } from './create-webhook-endpoint.ts'
import { getWebhookEndpoint } from './get-webhook-endpoint.ts'
import { rotateWebhookSecret } from './rotate-webhook-secret.ts'
import { sendTestEvent } from './send-test-event.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const HOUR_MS = 60 * 60 * 1000

test('a message goes out signed, as the event that the list shows, and is delivered', async (t) => {
  const world = await webhookWorld(t)
  const ann = await createContact(world.acme, 'ann')
  const conversation = await openConversation(world.acme, [ann, await createContact(world.acme, 'ben')])
  const { endpointId, secret } = await world.addEndpoint()
  world.startSending()
  const message = await sendAs(world.acme, { author: ann, conversation, body: 'grüße 👋' })
  const [received] = await world.receiver.untilReceived(1)
  const { headers, body } = received!
  const event = new Webhook(secret).verify(body, headers as Record<string, string>)
  const [listed] = (await listClientEvents(world.acme, { limit: 1 })).events
  assert.deepEqual(event, {
    id: `evt_${listed!.id}`,
    object: 'event',
    type: 'message.sent',
    created: Math.floor(Date.parse(message.createdAt) / 1000),
    livemode: false,
    data: {
      object: {
        object: 'message',
        id: `msg_${message.id}`,
        channel_id: `ch_${conversation.id}`,
        sender: { object: 'customer', id: `cust_${ann.id}`, name: 'ann' },
        sender_id: `cust_${ann.id}`,
        content: 'grüße 👋',
        message_type: 'text',
        type: 'text',
        metadata: {},
        created: Math.floor(Date.parse(message.createdAt) / 1000),
        livemode: false,
      },
    },
  })
  assert.equal(headers['webhook-id'], `evt_${listed!.id}`)
  assert.equal(headers['content-type'], 'application/json; charset=utf-8')
  assert.throws(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>))
  const [deliveryId] = await world.untilDeliveries(endpointId, 'delivered', 1)
  const { delivery, attempts } = await world.read(endpointId, deliveryId!)
  assert.deepEqual([delivery.attemptCount, delivery.nextAttemptAt], [1, null])
  assert.deepEqual(
    attempts.map(({ number, statusCode, error, responseExcerpt }) => ({ number, statusCode, error, responseExcerpt })),
    [{ number: 1, statusCode: 200, error: null, responseExcerpt: 'status 200' }],
  )
})

test('an endpoint is sent what happens after it was made, of the types that it wants, and nothing of another client', async (t) => {
  const world = await webhookWorld(t)
  await createContact(world.acme, 'before')
  const eventTypes = ['contact.created' as const]
  await createWebhookEndpoint(world.acme, { url: `${world.receiver.url}/some`, eventTypes })
  world.startSending()
  const [ann, ben] = [await createContact(world.acme, 'ann'), await createContact(world.acme, 'ben')]
  await createContact(world.mallet, 'eve')
  await openConversation(world.acme, [ann, ben])
  await createContact(world.acme, 'last')
  const received = await world.receiver.untilReceived(3)
  const names = received.map(({ body }) => JSON.parse(body).data.object.name)
  assert.deepEqual(names.sort(), ['ann', 'ben', 'last'])
})

test('deliveries begin in the order of the log', async (t) => {
  const world = await webhookWorld(t)
  await world.addEndpoint()
  for (let i = 0; i < 30; i++) await createContact(world.acme, `c${i}`)
  world.startSending({ perEndpoint: 1 })
  for (let i = 30; i < 60; i++) await createContact(world.acme, `c${i}`)
  await world.receiver.untilReceived(60)
  const { events } = await listClientEvents(world.acme, { limit: 100 })
  assert.deepEqual(world.receiver.ids(), events.map(({ id }) => `evt_${id}`).reverse())
})

test('what is not answered with 2xx is sent again with the same id and body, until it is', async (t) => {
  const world = await webhookWorld(t)
  world.setNow(NOW)
  const { endpointId } = await world.addEndpoint()
  const answers = [500, 302, 404, 200]
  world.receiver.answerEach((_, count) => answers[count - 1]!)
  const dispatcher = world.startSending({ random: () => 0.5 })
  await createContact(world.acme, 'ann')
  const waits: number[] = []
  let now = NOW
  for (let attempt = 1; attempt < answers.length; attempt++) {
    const { nextAttemptAt } = await untilPlanned(world, endpointId, attempt)
    waits.push(Date.parse(nextAttemptAt) - Date.parse(now))
    now = nextAttemptAt
    // A moment too early nothing happens.
    world.setNow(addMs(now, -1))
    dispatcher.wake()
    assert.equal(world.receiver.received.length, attempt)
    world.setNow(now)
    dispatcher.wake()
    await world.receiver.untilReceived(attempt + 1)
  }
  assert.deepEqual(waits, [5_000, 10_000, 20_000])
  const [deliveryId] = await world.untilDeliveries(endpointId, 'delivered', 1)
  const { attempts } = await world.read(endpointId, deliveryId!)
  assert.deepEqual(
    attempts.map(({ statusCode, error }) => [statusCode, error]),
    [
      [500, 'answered 500'],
      [302, 'answered 302'],
      [404, 'answered 404'],
      [200, null],
    ],
  )
  assert.equal(new Set(world.receiver.ids()).size, 1)
  assert.equal(new Set(world.receiver.received.map(({ body }) => body)).size, 1)
  const stamps = world.receiver.received.map(({ headers }) => headers['webhook-timestamp'])
  assert.equal(new Set(stamps).size, 4)
})

test('a receiver that says when to come back is left alone until then', async (t) => {
  const world = await webhookWorld(t)
  world.setNow(NOW)
  const { endpointId } = await world.addEndpoint()
  world.receiver.answer((reply) => reply.writeHead(503, { 'retry-after': '600' }).end())
  world.startSending()
  await createContact(world.acme, 'ann')
  const { nextAttemptAt } = await untilPlanned(world, endpointId, 1)
  assert.equal(nextAttemptAt, addMs(NOW, 600_000))
})

test('a delivery is given up after three days, and a failing endpoint is disabled then', async (t) => {
  const world = await webhookWorld(t)
  world.setNow(NOW)
  const { endpointId } = await world.addEndpoint()
  world.receiver.answer(500)
  const dispatcher = world.startSending({ random: () => 0.5 })
  await createContact(world.acme, 'ann')
  await untilPlanned(world, endpointId, 1)
  world.setNow(addMs(NOW, 72 * HOUR_MS))
  dispatcher.wake()
  await world.untilDeliveries(endpointId, 'failed', 1)
  assert.equal((await getWebhookEndpoint(world.acme, { endpointId })).disabledAt, null)
  world.setNow(addMs(NOW, 72 * HOUR_MS + 1))
  await createContact(world.acme, 'ben')
  const disabled = await untilDisabled(world, endpointId)
  assert.equal(disabled.disabledReason, 'failing')
  await world.untilDeliveries(endpointId, 'cancelled', 1)
})

test('one success ends a row of failures', async (t) => {
  const world = await webhookWorld(t)
  world.setNow(NOW)
  const { endpointId } = await world.addEndpoint()
  world.receiver.answerEach((_, count) => (count === 2 ? 200 : 500))
  world.startSending()
  await createContact(world.acme, 'ann')
  await untilPlanned(world, endpointId, 1)
  await sendTestEvent(world.acme, { endpointId })
  await world.untilDeliveries(endpointId, 'delivered', 1)
  world.setNow(addMs(NOW, 80 * HOUR_MS))
  await until('the first was given up', () => world.results.some(({ status }) => status === 'failed'))
  await world.untilDeliveries(endpointId, 'failed', 1)
  assert.equal((await getWebhookEndpoint(world.acme, { endpointId })).disabledAt, null)
})

test('an answer 410 disables the endpoint at once, and cancels what is pending', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  world.receiver.answer(410)
  for (const name of ['ann', 'ben', 'cat']) await createContact(world.acme, name)
  await world.acme.ports.clientEvents.caughtUp()
  world.startSending({ perEndpoint: 1 })
  const { disabledReason } = await untilDisabled(world, endpointId)
  assert.equal(disabledReason, 'gone')
  await createContact(world.acme, 'dan')
  await world.acme.ports.clientEvents.caughtUp()
  await world.untilDeliveries(endpointId, 'pending', 0)
  await world.untilDeliveries(endpointId, 'failed', 1)
  await world.untilDeliveries(endpointId, 'cancelled', 2)
  assert.equal(world.receiver.received.length, 1)
})

test('answers of any kind are written down, or what they were like', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  world.receiver.answer((reply) => reply.writeHead(200).end(Buffer.from([0, 255, 65, 0, 66, 0xc3])))
  world.startSending({ timeoutMs: 300 })
  await sendTestEvent(world.acme, { endpointId })
  const [garbled] = await world.untilDeliveries(endpointId, 'delivered', 1)
  assert.equal((await world.read(endpointId, garbled!)).attempts[0]!.responseExcerpt, '\ufffdAB\ufffd')

  world.receiver.answer((reply) => reply.writeHead(200).end('x'.repeat(10_000_000)))
  await sendTestEvent(world.acme, { endpointId })
  const [huge] = await world.untilDeliveries(endpointId, 'delivered', 2)
  assert.equal((await world.read(endpointId, huge!)).attempts[0]!.responseExcerpt, 'x'.repeat(1_024))

  world.receiver.answer(() => {})
  await sendTestEvent(world.acme, { endpointId })
  await until('the time is over', () => world.results.some(({ error }) => error === 'no answer in time'))

  const closed = await openDeaf()
  const { endpointId: deaf } = await world.addEndpoint(closed)
  await sendTestEvent(world.acme, { endpointId: deaf })
  await until('it was refused', () => world.results.some(({ error }) => error === 'the connection was refused'))
})

test('endpoints that never answer hold up no other', async (t) => {
  const world = await webhookWorld(t)
  const dead = await openReceiver(t)
  dead.answer(() => {})
  for (let i = 0; i < 8; i++) await world.addEndpoint(`${dead.url}/${i}`)
  const { endpointId } = await world.addEndpoint()
  // Each dead one may fill its own share only until it is known; so few slots that all together would fill them.
  const dispatcher = world.startSending({ inFlightMax: 16, perEndpoint: 1, timeoutMs: 60_000 })
  for (let i = 0; i < 40; i++) await createContact(world.acme, `c${i}`)
  await world.receiver.untilReceived(40)
  await world.untilDeliveries(endpointId, 'delivered', 40)
  assert.equal(dead.received.length, 8)
  await dispatcher.close(0)
})

test('an endpoint is asked so often at once as is allowed, by all nodes together', async (t) => {
  const world = await webhookWorld(t)
  const held: (() => void)[] = []
  world.receiver.answer((reply) => void held.push(() => reply.end()))
  const { endpointId } = await world.addEndpoint()
  for (let i = 0; i < 20; i++) await createContact(world.acme, `c${i}`)
  await world.acme.ports.clientEvents.caughtUp()
  const [first, second] = [
    world.startSending({ perEndpoint: 3 }),
    world.startSending({ perEndpoint: 3 }, await world.openNode()),
  ]
  let most = 0
  let answered = 0
  while (answered < 20) {
    await until('something is asked', () => held.length > 0)
    for (let i = 0; i < 5; i++) {
      first.wake()
      second.wake()
      await new Promise(setImmediate)
    }
    most = Math.max(most, held.length)
    for (const answer of held.splice(0)) {
      answer()
      answered++
    }
  }
  await world.untilDeliveries(endpointId, 'delivered', 20)
  assert.ok(most <= 3, `${most} at once`)
  assert.equal(new Set(world.receiver.ids()).size, 20)
})

test('when a node dies in the middle of an attempt, another one makes it again once the lease has ended', async (t) => {
  const world = await webhookWorld(t)
  world.setNow(NOW)
  const { endpointId } = await world.addEndpoint()
  world.receiver.answerEach((_, count) => (count === 1 ? () => {} : 200))
  const dying = world.startSending()
  await createContact(world.acme, 'ann')
  await world.receiver.untilReceived(1)
  // As a kill would: the attempt is neither waited for nor written down.
  await dying.close(0)
  const survivor = world.startSending({}, await world.openNode())
  survivor.wake()
  world.setNow(addMs(NOW, 19_999))
  survivor.wake()
  await sendTestEvent(world.acme, { endpointId })
  await world.untilDeliveries(endpointId, 'delivered', 1)
  assert.equal(world.receiver.received.length, 2)
  world.setNow(addMs(NOW, 20_000))
  await world.untilDeliveries(endpointId, 'delivered', 2)
  const [first, , second] = world.receiver.ids()
  assert.equal(first, second)
})

test('both secrets sign for a day after a rotation, then the new one only', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId, secret: old } = await world.addEndpoint()
  const { secret } = await rotateWebhookSecret(world.acme, { endpointId })
  world.startSending()
  const verifies = (with_: string, index: number) => {
    const { body, headers } = world.receiver.received[index]!
    try {
      new Webhook(with_).verify(body, headers as Record<string, string>)
      return true
    } catch {
      return false
    }
  }
  await sendTestEvent(world.acme, { endpointId })
  await world.receiver.untilReceived(1)
  assert.deepEqual([verifies(old, 0), verifies(secret, 0)], [true, true])
  const { kysely } = world.runtime.core.database
  await kysely.updateTable('webhookEndpoints').set({ previousSecretEndsAt: NOW }).execute()
  await sendTestEvent(world.acme, { endpointId })
  await world.receiver.untilReceived(2)
  assert.deepEqual([verifies(old, 1), verifies(secret, 1)], [false, true])
})

test('the log tells which endpoint had trouble, and neither its URL nor its secret', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId, secret } = await world.addEndpoint(`${world.receiver.url}?token=hush`)
  const lines: string[] = []
  const log = createLogger('debug', { write: (line) => void lines.push(line) })
  world.receiver.answer(410)
  const present = (...args: Parameters<typeof presentEvent>) => {
    if (args[0].type !== 'webhook.test') throw new Error('cannot be presented')
    return presentEvent(...args)
  }
  await createContact(world.acme, 'ann')
  await world.acme.ports.clientEvents.caughtUp()
  const core = { ...world.runtime.core, log }
  world.startSending({ core, present, perEndpoint: 1 })
  await until('it was tried', () => world.results.some(({ error }) => error === 'the event could not be written'))
  await sendTestEvent(world.acme, { endpointId })
  await untilDisabled(world, endpointId)
  await until('the log says so', () => lines.some((line) => line.includes('was disabled')))
  const text = lines.join('')
  assert.ok(text.includes(endpointId) && text.includes('cannot be presented'))
  for (const hidden of [secret, 'hush', 'whsec_']) assert.equal(text.includes(hidden), false)
})

test('a database that goes away for a while loses no result', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  world.startSending()
  let answer = () => {}
  world.receiver.answer((reply) => {
    answer = () => reply.end()
  })
  await sendTestEvent(world.acme, { endpointId })
  await world.receiver.untilReceived(1)
  const { pool } = world.runtime.core.database
  await pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'parlance'",
  )
  answer()
  await world.untilDeliveries(endpointId, 'delivered', 1)
  assert.equal(world.receiver.received.length, 1)
})

async function untilPlanned(world: WebhookWorld, endpointId: string, attempts: number) {
  return until(`attempt ${attempts} is written down`, async () => {
    const row = await world.runtime.core.database.kysely
      .selectFrom('webhookDeliveries')
      .select('nextAttemptAt')
      .where('endpointId', '=', endpointId)
      .where('attemptCount', '=', attempts)
      .where('leasedBy', 'is', null)
      .executeTakeFirst()
    return row
  })
}

async function untilDisabled(world: WebhookWorld, endpointId: string) {
  return until('the endpoint is disabled', async () => {
    const endpoint = await getWebhookEndpoint(world.acme, { endpointId })
    return endpoint.disabledAt !== null && endpoint
  })
}

/** A port where nobody listens. */
async function openDeaf(): Promise<string> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}/`
}

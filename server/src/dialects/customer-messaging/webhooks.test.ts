import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { loadConfig } from '../../config.ts'
import type { FieldProblems } from '../../core/errors.ts'
import { readFailure } from '../../http/failure.ts'
import { addMetrics } from '../../http/metrics.ts'
import { createHttpServer } from '../../http/server.ts'
import { addWebhookMetrics } from '../../http/webhook-metrics.ts'
import { createContact, openConversation, sendAs } from '../../testing/client-world.ts'
import { type WebhookWorld, webhookWorld } from '../../testing/webhook-world.ts'
import { registerEventRoutes } from './events.ts'
import { registerWebhookRoutes } from './webhooks.ts'

type Reply = { status: number; body: Record<string, unknown> & { data: Record<string, unknown>[] } }

test('events are a list and objects of their own', async (t) => {
  const world = await webhookWorld(t)
  const call = await openApi(t, world)
  const ann = await createContact(world.acme, 'ann')
  const ben = await createContact(world.acme, 'ben')
  const conversation = await openConversation(world.acme, [ann, ben])
  await sendAs(world.acme, { author: ann, conversation, body: 'hi' })
  const { status, body } = await call('GET', '/api/v1/events?limit=2')
  assert.equal(status, 200)
  assert.deepEqual([body.object, body.has_more, body.total_count], ['list', true, 4])
  assert.deepEqual(
    body.data.map(({ type, object, livemode }) => [type, object, livemode]),
    [
      ['message.sent', 'event', false],
      ['channel.created', 'event', false],
    ],
  )
  const [, opened] = body.data
  assert.deepEqual((opened!.data as { object: unknown }).object, {
    object: 'channel',
    id: `ch_${conversation.id}`,
    type: 'general',
    name: 'general',
    participants: [
      { object: 'customer', id: `cust_${ann.id}`, name: 'ann' },
      { object: 'customer', id: `cust_${ben.id}`, name: 'ben' },
    ],
    created: Math.floor(Date.parse(conversation.createdAt) / 1000),
    updated_at: Math.floor(Date.parse(conversation.createdAt) / 1000),
    livemode: false,
  })
  assert.deepEqual((await call('GET', `/api/v1/events/${opened!.id}`)).body, opened)
  assert.deepEqual((await call('GET', `/api/v1/events/${String(opened!.id).slice(4).toUpperCase()}`)).body, opened)
  const next = await call('GET', `/api/v1/events?starting_after=${opened!.id}&type=customer.created&type=message.sent`)
  assert.deepEqual([next.body.data.length, next.body.has_more, next.body.total_count], [2, false, 3])
  assert.equal((next.body.data[0]!.data as { object: { name: string } }).object.name, 'ben')
})

test('wrong queries and ids are refused with their field', async (t) => {
  const world = await webhookWorld(t)
  const call = await openApi(t, world)
  const paths: [string, number, string][] = [
    ['/api/v1/events?limit=0', 422, 'invalid_request'],
    ['/api/v1/events?limit=101', 422, 'invalid_request'],
    ['/api/v1/events?limit=x', 422, 'invalid_request'],
    ['/api/v1/events?type=nonsense', 422, 'invalid_request'],
    ['/api/v1/events?starting_after=nonsense', 422, 'invalid_cursor'],
    [`/api/v1/events?starting_after=evt_${randomUUID()}`, 422, 'invalid_cursor'],
    [`/api/v1/events?ending_before=msg_${randomUUID()}`, 422, 'invalid_cursor'],
    ['/api/v1/events/nonsense', 404, 'event_not_found'],
    [`/api/v1/events/evt_${randomUUID()}`, 404, 'event_not_found'],
    ['/api/v1/client/webhooks/nonsense', 404, 'webhook_endpoint_not_found'],
    [`/api/v1/client/webhooks/we_${randomUUID()}/deliveries`, 404, 'webhook_endpoint_not_found'],
  ]
  for (const [path, status, code] of paths) {
    const reply = await call('GET', path)
    assert.deepEqual([reply.status, reply.body.code], [status, code], path)
  }
  const bad = await call('POST', '/api/v1/client/webhooks', { url: 'https://10.0.0.1/' })
  assert.deepEqual(bad.body.fields, { url: ['must not lead to a private address'] })
  const types = await call('POST', '/api/v1/client/webhooks', { url: 'https://example.com', event_types: ['x'] })
  assert.equal(types.status, 422)
})

test('an endpoint goes through its life over HTTP', async (t) => {
  const world = await webhookWorld(t)
  const call = await openApi(t, world)
  const made = await call('POST', '/api/v1/client/webhooks', {
    url: world.receiver.url,
    event_types: ['customer.created'],
  })
  assert.equal(made.status, 201)
  const { secret, ...endpoint } = made.body
  assert.deepEqual(endpoint.event_types, ['customer.created'])
  assert.deepEqual([endpoint.object, endpoint.status, endpoint.livemode], ['webhook_endpoint', 'enabled', false])
  const path = `/api/v1/client/webhooks/${endpoint.id}`
  assert.deepEqual((await call('GET', path)).body, endpoint)
  const list = await call('GET', '/api/v1/client/webhooks')
  assert.deepEqual(list.body, { object: 'list', data: [endpoint], has_more: false, total_count: 1 })

  world.startSending()
  const tested = await call('POST', `${path}/test`)
  assert.deepEqual([tested.status, tested.body.event_type, tested.body.status], [202, 'webhook.test', 'pending'])
  const [received] = await world.receiver.untilReceived(1)
  const event = new Webhook(String(secret)).verify(received!.body, received!.headers as Record<string, string>)
  assert.deepEqual((event as { data: unknown }).data, { object: { object: 'webhook_endpoint', id: endpoint.id } })
  const deliveryPath = `${path}/deliveries/${tested.body.id}`
  await world.untilDeliveries(String(endpoint.id).slice(3), 'delivered', 1)
  const delivery = (await call('GET', deliveryPath)).body
  assert.deepEqual([delivery.status, delivery.attempt_count], ['delivered', 1])
  assert.equal((delivery.attempts as { status_code: number }[])[0]!.status_code, 200)
  assert.equal((await call('POST', `${deliveryPath}/replay`)).status, 202)
  await world.receiver.untilReceived(2)
  await world.untilDeliveries(String(endpoint.id).slice(3), 'delivered', 2)
  const deliveries = await call('GET', `${path}/deliveries?status=delivered&limit=1`)
  assert.deepEqual([deliveries.body.data.length, deliveries.body.has_more, deliveries.body.total_count], [1, true, 2])
  const replay = await call('POST', `${path}/replay`, { since: 1_700_000_000 })
  assert.deepEqual([replay.status, replay.body.since], [202, 1_700_000_000])
  assert.equal((await call('POST', `${path}/replay`, { since: 1e15 })).status, 422)

  const rotated = await call('POST', `${path}/rotate`)
  assert.notEqual(rotated.body.secret, secret)
  const changed = await call('PATCH', path, { enabled: false, event_types: null })
  assert.deepEqual(
    [changed.body.status, changed.body.disabled_reason, changed.body.event_types, changed.body.secret],
    ['disabled', 'requested', null, undefined],
  )
  assert.equal((await call('POST', `${path}/test`)).status, 409)
  assert.deepEqual((await call('DELETE', path)).body, { object: 'webhook_endpoint', id: endpoint.id, deleted: true })
  assert.equal((await call('GET', path)).status, 404)
})

test('metrics count attempts, what waits and for how long', async (t) => {
  const world = await webhookWorld(t)
  const { acme, runtime, receiver } = world
  const app = await createHttpServer(loadConfig({}, 'start'))
  t.after(() => app.close())
  const { countAttempt } = addWebhookMetrics(addMetrics(app).registry, runtime.core)
  const read = async (name: string) => {
    const { body } = await app.inject('/metrics')
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1])
  }
  const { endpointId } = await world.addEndpoint()
  world.setNow('2026-03-01T12:00:00.000Z')
  await createContact(acme, 'ann')
  await acme.ports.clientEvents.caughtUp()
  world.setNow('2026-03-01T12:01:00.000Z')
  assert.equal(await read('parlance_webhook_pending_deliveries'), 1)
  assert.equal(await read('parlance_webhook_oldest_pending_age_seconds'), 60)
  world.startSending({ onResult: ({ status }) => countAttempt(status) })
  await receiver.untilReceived(1)
  await world.untilDeliveries(endpointId, 'delivered', 1)
  assert.equal(await read('parlance_webhook_pending_deliveries'), 0)
  assert.equal(await read('parlance_webhook_oldest_pending_age_seconds'), 0)
  assert.equal(await read('parlance_webhook_attempts_total\\{outcome="delivered"\\}'), 1)
})

const STATUS: Record<string, number> = { unprocessable: 422, not_found: 404, conflict: 409, gone: 410 }

/** The routes as acme calls them, with failures in a shape of this test's own. */
async function openApi(t: TestContext, world: WebhookWorld) {
  const app = await createHttpServer(loadConfig({}, 'start'))
  t.after(() => app.close())
  app.setErrorHandler((error, _req, reply) => {
    const failure = readFailure(error)
    const fields: FieldProblems | undefined = failure?.fields
    return reply.code(STATUS[failure?.kind ?? ''] ?? 500).send({ code: failure?.code, fields })
  })
  app.decorateRequest('clientCtx')
  app.addHook('onRequest', async (req) => {
    req.clientCtx = world.acme
  })
  registerEventRoutes(app)
  registerWebhookRoutes(app)
  return async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object): Promise<Reply> => {
    const reply = await app.inject({ method, url, ...(payload && { payload }) })
    return { status: reply.statusCode, body: reply.json() }
  }
}

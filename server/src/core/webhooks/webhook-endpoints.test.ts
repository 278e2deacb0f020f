import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { TASKS } from '../../jobs/tasks.ts'
import { addMs } from '../../platform/clock.ts'
import { type ClientWorld, clientWorld, createContact } from '../../testing/client-world.ts'
import { type WebhookWorld, webhookWorld } from '../../testing/webhook-world.ts'
import { SYSTEM } from '../actor.ts'
import { createContext } from '../context.ts'
import { createWebhookEndpoint } from './create-webhook-endpoint.ts'
import { deleteWebhookEndpoint } from './delete-webhook-endpoint.ts'
import { getWebhookDelivery } from './get-webhook-delivery.ts'
import { getWebhookEndpoint } from './get-webhook-endpoint.ts'
import { listWebhookDeliveries } from './list-webhook-deliveries.ts'
import { listWebhookEndpoints } from './list-webhook-endpoints.ts'
import { replayDelivery } from './replay-delivery.ts'
import { replayFailedDeliveries } from './replay-failed-deliveries.ts'
import { rotateWebhookSecret } from './rotate-webhook-secret.ts'
import { sendTestEvent } from './send-test-event.ts'
import { updateWebhookEndpoint } from './update-webhook-endpoint.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const URL_OK = 'https://example.com/hooks'

test('an endpoint is made, listed, changed and deleted, and others that remember the client hear of each', async (t) => {
  const world = await clientWorld(t)
  const { endpoint, secret } = await createWebhookEndpoint(world.acme, { url: ` ${URL_OK} `, description: ' mine ' })
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  assert.deepEqual([endpoint.url, endpoint.description, endpoint.eventTypes], [URL_OK, 'mine', null])
  assert.deepEqual(await listWebhookEndpoints(world.acme), [endpoint])
  const endpointId = endpoint.id
  const eventTypes = ['message.created' as const, 'contact.created' as const, 'message.created' as const]
  const changed = await updateWebhookEndpoint(world.acme, { endpointId, description: null, eventTypes })
  assert.deepEqual([changed.url, changed.description], [URL_OK, null])
  assert.deepEqual(changed.eventTypes, ['contact.created', 'message.created'])
  assert.deepEqual(await getWebhookEndpoint(world.acme, { endpointId }), changed)
  await deleteWebhookEndpoint(world.acme, { endpointId })
  assert.deepEqual(await listWebhookEndpoints(world.acme), [])
  await assert.rejects(getWebhookEndpoint(world.acme, { endpointId }), { code: 'webhook_endpoint_not_found' })
  const events = await world.events()
  assert.deepEqual(
    events.map(({ type, streamId }) => [type, streamId]),
    Array(3).fill(['client.updated', world.acme.actor.id]),
  )
})

test('who changed an endpoint is in the audit trail, without its secret', async (t) => {
  const world = await clientWorld(t)
  const { endpoint, secret } = await createWebhookEndpoint(world.acme, { url: URL_OK })
  const endpointId = endpoint.id
  await updateWebhookEndpoint(world.acme, { endpointId, url: `${URL_OK}/2` })
  const rotated = await rotateWebhookSecret(world.acme, { endpointId })
  await deleteWebhookEndpoint(world.acme, { endpointId })
  const entries = await world.runtime.core.database.kysely
    .selectFrom('auditEntries')
    .selectAll()
    .where('targetId', '=', endpointId)
    .orderBy('id')
    .execute()
  const { actor } = world.acme
  assert.deepEqual(
    entries.map(({ action, actorKind, actorId, workspaceId }) => [action, actorKind, actorId, workspaceId]),
    ['create', 'update', 'rotate_secret', 'delete'].map((verb) => [
      `webhook_endpoint.${verb}`,
      'client',
      actor.id,
      actor.workspaceId,
    ]),
  )
  const urls = entries.map(({ before, after }) => [before, after].map((side) => (side as { url: string } | null)?.url))
  assert.deepEqual(urls[1], [URL_OK, `${URL_OK}/2`])
  for (const known of [secret, rotated.secret]) assert.equal(JSON.stringify(entries).includes(known), false)
})

test('what can never be called, or is too long, is refused with the reason', async (t) => {
  const world = await clientWorld(t)
  const problems = async (input: Parameters<typeof createWebhookEndpoint>[1]) => {
    const error = await createWebhookEndpoint(world.acme, input).catch((refusal: unknown) => refusal)
    return (error as { fields?: object }).fields
  }
  assert.deepEqual(await problems({ url: 'https://10.0.0.1/' }), { url: ['must not lead to a private address'] })
  assert.deepEqual(await problems({ url: 'ftp://example.com/', description: 'x'.repeat(501), eventTypes: [] }), {
    url: ['must begin with https://'],
    description: ['must have at most 500 characters'],
    event_types: ['must not be empty: leave it out for all events'],
  })
  assert.deepEqual(await problems({ url: URL_OK, description: 'a\0' }), {
    description: ['must not contain the character U+0000'],
  })
  const long = `https://example.com/${'x'.repeat(2_048)}`
  assert.deepEqual(await problems({ url: long }), { url: ['must have at most 2048 characters'] })
  const { endpoint } = await createWebhookEndpoint(world.acme, { url: URL_OK })
  const move = updateWebhookEndpoint(world.acme, { endpointId: endpoint.id, url: 'https://[::1]/' })
  await assert.rejects(move, { code: 'invalid_request' })
})

test('a workspace has twenty endpoints at most, also when they are made at once', async (t) => {
  const world = await clientWorld(t)
  const made = await Promise.allSettled(
    Array.from({ length: 25 }, () => createWebhookEndpoint(world.acme, { url: URL_OK })),
  )
  assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 20)
  for (const one of made) if (one.status === 'rejected') assert.equal(one.reason.code, 'too_many_webhook_endpoints')
  const [first] = await listWebhookEndpoints(world.acme)
  await deleteWebhookEndpoint(world.acme, { endpointId: first!.id })
  await createWebhookEndpoint(world.acme, { url: URL_OK })
  await createWebhookEndpoint(world.mallet, { url: URL_OK })
})

test('the secret is told when it is made and at no other time, and lies sealed in the database', async (t) => {
  const world = await clientWorld(t)
  const { endpoint, secret } = await createWebhookEndpoint(world.acme, { url: URL_OK })
  const endpointId = endpoint.id
  const rotated = await rotateWebhookSecret(world.acme, { endpointId })
  assert.notEqual(rotated.secret, secret)
  const shown = JSON.stringify([
    endpoint,
    rotated.endpoint,
    await getWebhookEndpoint(world.acme, { endpointId }),
    await listWebhookEndpoints(world.acme),
    await updateWebhookEndpoint(world.acme, { endpointId, description: 'x' }),
    await world.events(),
    await world.runtime.core.database.kysely.selectFrom('webhookEndpoints').selectAll().execute(),
  ])
  for (const one of [secret, rotated.secret]) {
    assert.equal(shown.includes(one), false)
    assert.equal(shown.includes(Buffer.from(one).toString('hex')), false)
  }
})

test('for another client an endpoint and its deliveries do not exist', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  const { id: deliveryId } = await sendTestEvent(world.acme, { endpointId })
  const ids = { endpointId, deliveryId }
  const attempts = [
    () => getWebhookEndpoint(world.mallet, ids),
    () => updateWebhookEndpoint(world.mallet, { ...ids, isEnabled: false }),
    () => deleteWebhookEndpoint(world.mallet, ids),
    () => rotateWebhookSecret(world.mallet, ids),
    () => sendTestEvent(world.mallet, ids),
    () => listWebhookDeliveries(world.mallet, { endpointId, limit: 10 }),
    () => getWebhookDelivery(world.mallet, ids),
    () => replayDelivery(world.mallet, ids),
    () => replayFailedDeliveries(world.mallet, { endpointId, since: NOW }),
  ]
  for (const attempt of attempts) await assert.rejects(attempt, { code: 'webhook_endpoint_not_found' })
  const { endpoint: own } = await createWebhookEndpoint(world.mallet, { url: URL_OK })
  await assert.rejects(getWebhookDelivery(world.mallet, { endpointId: own.id, deliveryId }), {
    code: 'webhook_delivery_not_found',
  })
  const page = listWebhookDeliveries(world.mallet, { endpointId: own.id, limit: 1, startingAfter: deliveryId })
  await assert.rejects(page, { code: 'invalid_cursor' })
})

test('a disabled endpoint is sent nothing; enabled again, what happens from then on', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  await createContact(world.acme, 'pending')
  await world.acme.ports.clientEvents.caughtUp()
  const disabled = await updateWebhookEndpoint(world.acme, { endpointId, isEnabled: false })
  assert.equal(disabled.disabledReason, 'requested')
  await createContact(world.acme, 'meanwhile')
  await world.acme.ports.clientEvents.caughtUp()
  await world.untilDeliveries(endpointId, 'cancelled', 1)
  await assert.rejects(sendTestEvent(world.acme, { endpointId }), { code: 'webhook_endpoint_disabled' })
  world.startSending()
  await updateWebhookEndpoint(world.acme, { endpointId, isEnabled: true })
  await createContact(world.acme, 'after')
  const [received] = await world.receiver.untilReceived(1)
  assert.equal(JSON.parse(received!.body).data.object.name, 'after')
})

test('what is copied while an endpoint is being disabled is cancelled or never made', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  for (let round = 0; round < 10; round++) {
    await updateWebhookEndpoint(world.acme, { endpointId, isEnabled: true })
    await createContact(world.acme, `c${round}`)
    await Promise.all([
      world.acme.ports.clientEvents.caughtUp(),
      updateWebhookEndpoint(world.acme, { endpointId, isEnabled: false }),
    ])
    await world.untilDeliveries(endpointId, 'pending', 0)
  }
})

test('many pending deliveries are cancelled at once in part, the rest by a job', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  await addDeliveries(world, endpointId, { count: 2_500, status: 'pending' })
  await deleteWebhookEndpoint(world.acme, { endpointId })
  assert.equal(await countByStatus(world, 'cancelled'), 1_000)
  const { rows } = await world.runtime.core.database.pool.query('select task_identifier from graphile_worker.jobs')
  assert.deepEqual(rows, [{ task_identifier: 'cancel_webhook_deliveries' }])
  assert.deepEqual(await run(world, 'cancel_webhook_deliveries', { endpointId }), { cancelled: 1_500 })
  assert.equal(await countByStatus(world, 'pending'), 0)
})

test('a delivery that has ended is sent again on demand, under the same webhook-id', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  await createContact(world.acme, 'ann')
  await world.acme.ports.clientEvents.caughtUp()
  const [deliveryId] = await world.untilDeliveries(endpointId, 'pending', 1)
  const ids = { endpointId, deliveryId: deliveryId! }
  await assert.rejects(replayDelivery(world.acme, ids), { code: 'webhook_delivery_pending' })
  world.startSending()
  await world.untilDeliveries(endpointId, 'delivered', 1)
  const again = await replayDelivery(world.acme, ids)
  assert.deepEqual([again.status, again.attemptCount, again.nextAttemptAt], ['pending', 0, null])
  await world.untilDeliveries(endpointId, 'delivered', 2)
  const [first, second] = world.receiver.received
  assert.equal(first!.body, second!.body)
  assert.equal(first!.headers['webhook-id'], second!.headers['webhook-id'])
  await world.runtime.core.database.kysely.deleteFrom('clientEvents').execute()
  await assert.rejects(replayDelivery(world.acme, ids), { code: 'event_expired' })
  await assert.rejects(replayDelivery(world.acme, { endpointId, deliveryId: randomUUID() }), {
    code: 'webhook_delivery_not_found',
  })
})

test('all that was given up since a time is sent again once, however often the job runs', async (t) => {
  const world = await webhookWorld(t)
  world.setNow(NOW)
  const { endpointId } = await world.addEndpoint()
  for (let i = 0; i < 5; i++) await createContact(world.acme, `c${i}`)
  await world.acme.ports.clientEvents.caughtUp()
  const ids = await world.untilDeliveries(endpointId, 'pending', 5)
  const { kysely, pool } = world.runtime.core.database
  const fail = (some: string[], finishedAt: string) =>
    kysely.updateTable('webhookDeliveries').set({ status: 'failed', finishedAt }).where('id', 'in', some).execute()
  await fail(ids.slice(0, 3), NOW)
  await fail(ids.slice(3), addMs(NOW, -60_000))
  await replayFailedDeliveries(world.acme, { endpointId, since: addMs(NOW, -1_000) })
  const { rows } = await pool.query('select payload from graphile_worker._private_jobs')
  const { payload } = rows[0]!
  assert.deepEqual(await run(world, 'replay_webhook_deliveries', payload), { replayed: 3 })
  assert.deepEqual(await run(world, 'replay_webhook_deliveries', payload), { replayed: 0 })
  world.startSending()
  await world.untilDeliveries(endpointId, 'delivered', 3)
  assert.equal(world.receiver.received.length, 3)
})

test('deliveries are listed newest first, by status, and in pages of both directions', async (t) => {
  const world = await webhookWorld(t)
  const { endpointId } = await world.addEndpoint()
  await addDeliveries(world, endpointId, { count: 5, status: 'delivered' })
  await addDeliveries(world, endpointId, { count: 4, status: 'failed' })
  const list = async (input: Partial<Parameters<typeof listWebhookDeliveries>[1]>) => {
    const page = await listWebhookDeliveries(world.acme, { endpointId, limit: 3, ...input })
    return { ids: page.deliveries.map(({ id }) => id), hasMore: page.hasMore, totalCount: page.totalCount }
  }
  const { ids: all, totalCount } = await list({ limit: 100 })
  assert.deepEqual(all, all.toSorted().reverse())
  assert.equal(totalCount, 9)
  assert.deepEqual(await list({ startingAfter: all[2] }), { ids: all.slice(3, 6), hasMore: true, totalCount: 9 })
  assert.deepEqual(await list({ startingAfter: all[5] }), { ids: all.slice(6), hasMore: false, totalCount: 9 })
  assert.deepEqual(await list({ endingBefore: all[4] }), { ids: all.slice(1, 4), hasMore: true, totalCount: 9 })
  const failed = await list({ status: 'failed' })
  assert.deepEqual([failed.ids.length, failed.hasMore, failed.totalCount], [3, true, 4])
})

test('deliveries go with their attempts after 30 days, pending ones never', async (t) => {
  const world = await webhookWorld(t)
  world.setNow(addMs(NOW, -31 * 24 * 60 * 60 * 1000))
  const { endpointId } = await world.addEndpoint()
  await sendTestEvent(world.acme, { endpointId })
  world.startSending()
  await world.untilDeliveries(endpointId, 'delivered', 1)
  await addDeliveries(world, randomUUID(), { count: 1, status: 'pending' })
  world.setNow(NOW)
  assert.deepEqual(await run(world, 'remove_old_webhook_deliveries', {}), { removed: 1 })
  const { pool } = world.runtime.core.database
  const left = await pool.query(
    'select (select count(*) from webhook_attempts) a, (select count(*) from webhook_deliveries) d',
  )
  assert.deepEqual(left.rows, [{ a: 0, d: 1 }])
})

async function addDeliveries(
  world: WebhookWorld,
  endpointId: string,
  { count, status }: { count: number; status: string },
) {
  const at = world.acme.now()
  const rows = Array.from({ length: count }, () => ({
    id: world.acme.newId(),
    endpointId,
    eventId: randomUUID(),
    eventType: 'webhook.test',
    position: 0,
    status,
    nextAttemptAt: at,
    createdAt: at,
    finishedAt: status === 'pending' ? null : at,
  }))
  await world.runtime.core.database.kysely.insertInto('webhookDeliveries').values(rows).execute()
}

async function countByStatus(world: ClientWorld, status: string): Promise<number> {
  const rows = await world.runtime.core.database.kysely
    .selectFrom('webhookDeliveries')
    .select('id')
    .where('status', '=', status)
    .execute()
  return rows.length
}

function run(world: ClientWorld, task: string, payload: unknown): Promise<unknown> {
  return TASKS[task]!(createContext(world.runtime.core, SYSTEM), payload)
}

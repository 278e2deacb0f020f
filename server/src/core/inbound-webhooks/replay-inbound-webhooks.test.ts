import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { test } from 'node:test'
import { TASKS } from '../../jobs/tasks.ts'
import { addMs } from '../../platform/clock.ts'
import { type InboundWebhookWorld, inboundWebhookWorld } from '../../testing/inbound-webhook-world.ts'
import { listInboundWebhooks } from './list-inbound-webhooks.ts'
import { type ReplayInboundWebhooks, replayInboundWebhooks } from './replay-inbound-webhooks.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const DAY_MS = 24 * 60 * 60 * 1_000

test('stored webhooks are applied again: one, those of a kind, of a time, of an outcome', async (t) => {
  const world = await inboundWebhookWorld(t)
  await addEnded(world, [
    { key: 'a', kind: 'x', status: 'applied', receivedAt: addMs(NOW, -3) },
    { key: 'b', kind: 'x', status: 'failed', receivedAt: addMs(NOW, -2) },
    { key: 'c', kind: 'y', status: 'failed', receivedAt: addMs(NOW, -1) },
    { key: 'd', kind: 'y', status: 'ignored', receivedAt: NOW },
    { key: 'e', kind: 'y', status: 'pending', receivedAt: NOW },
  ])
  world.setNow(NOW)
  const { kysely } = world.runtime.core.database
  const before = await kysely.selectFrom('inboundWebhooks').selectAll().execute()
  const replay = async (input: ReplayInboundWebhooks) => {
    const { replayed } = await replayInboundWebhooks(world.system, input)
    const rows = await kysely
      .selectFrom('inboundWebhooks')
      .selectAll()
      .where('error', 'is', null)
      .orderBy('key')
      .execute()
    for (const { status, attemptCount, dueAt, appliedAt } of rows)
      assert.deepEqual([status, attemptCount, dueAt, appliedAt], ['pending', 0, NOW, null])
    assert.equal(rows.length, replayed)
    await kysely.deleteFrom('inboundWebhooks').execute()
    await kysely
      .insertInto('inboundWebhooks')
      .values(before.map((row) => ({ ...row, headers: '{}' })))
      .execute()
    return rows.map(({ key }) => key).join('')
  }
  assert.equal(await replay({}), 'abcd')
  assert.equal(await replay({ kind: 'x' }), 'ab')
  assert.equal(await replay({ status: 'failed' }), 'bc')
  assert.equal(await replay({ since: addMs(NOW, -1) }), 'cd')
  assert.equal(await replay({ kind: 'y', status: 'failed', since: addMs(NOW, -2) }), 'c')
  const idOf = (key: string) => before.find((row) => row.key === key)!.id
  assert.equal(await replay({ id: idOf('a') }), 'a')
  // Waits no longer.
  assert.equal(await replay({ id: idOf('e') }), 'e')
  assert.equal(await replay({ kind: 'z' }), '')
})

test('what failed is applied once its applier is mended', async (t) => {
  const world = await inboundWebhookWorld(t)
  await addEnded(world, [{ key: 'a', kind: 'test', status: 'failed', receivedAt: NOW }])
  const seen: string[] = []
  world.startApplying({
    test: async (_ctx, { body }) => {
      seen.push(body.toString())
      return 'applied'
    },
  })
  assert.deepEqual(await replayInboundWebhooks(world.system, { status: 'failed' }), { replayed: 1 })
  const { attemptCount, error } = await world.untilStatus('a', 'applied')
  assert.deepEqual([attemptCount, error, seen], [1, null, ['body of a']])
})

test('a replay of many goes in batches, ends, and leaves alone what came after it began', async (t) => {
  const world = await inboundWebhookWorld(t)
  await addEnded(
    world,
    Array.from({ length: 2_500 }, (_, i) => ({ key: `k${i}`, kind: 'x', status: 'applied', receivedAt: NOW })),
  )
  await addEnded(world, [{ key: 'later', kind: 'x', status: 'applied', receivedAt: addMs(NOW, 1) }])
  world.setNow(NOW)
  assert.deepEqual(await replayInboundWebhooks(world.system, { kind: 'x' }), { replayed: 2_500 })
  assert.deepEqual(await replayInboundWebhooks(world.system, { kind: 'x' }), { replayed: 0 })
  assert.equal((await world.read('later')).status, 'applied')
})

test('a list shows the newest first, and nothing of what is in them', async (t) => {
  const world = await inboundWebhookWorld(t)
  await addEnded(world, [
    { key: 'a', kind: 'x', status: 'applied', receivedAt: addMs(NOW, -2) },
    { key: 'b', kind: 'x', status: 'failed', receivedAt: addMs(NOW, -1) },
    { key: 'c', kind: 'y', status: 'pending', receivedAt: NOW },
  ])
  const list = async (input: Partial<Parameters<typeof listInboundWebhooks>[1]>) =>
    (await listInboundWebhooks(world.system, { limit: 10, ...input })).map(({ key }) => key).join('')
  assert.equal(await list({}), 'cba')
  assert.equal(await list({ limit: 2 }), 'cb')
  assert.equal(await list({ kind: 'x' }), 'ba')
  assert.equal(await list({ status: 'failed' }), 'b')
  assert.equal(await list({ since: addMs(NOW, -1) }), 'cb')
  const { id, dueAt } = await world.read('c')
  assert.deepEqual(await listInboundWebhooks(world.system, { limit: 1 }), [
    {
      id,
      kind: 'y',
      key: 'c',
      status: 'pending',
      attemptCount: 3,
      bodyBytes: 9,
      error: 'Error: none',
      receivedAt: NOW,
      appliedAt: null,
      dueAt,
    },
  ])
})

test('what was applied goes after 30 days, the rest after 90, and what is pending never', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.setNow(NOW)
  const daysAgo = (days: number, ms = 0) => addMs(NOW, -days * DAY_MS + ms)
  await addEnded(world, [
    ...Array.from({ length: 1_500 }, (_, i) => ({
      key: `old${i}`,
      kind: 'x',
      status: 'applied',
      receivedAt: daysAgo(30, -1),
    })),
    { key: 'applied', kind: 'x', status: 'applied', receivedAt: daysAgo(30) },
    { key: 'old ignored', kind: 'x', status: 'ignored', receivedAt: daysAgo(90, -1) },
    { key: 'ignored', kind: 'x', status: 'ignored', receivedAt: daysAgo(90) },
    { key: 'old failed', kind: 'x', status: 'failed', receivedAt: daysAgo(90, -1) },
    { key: 'failed', kind: 'x', status: 'failed', receivedAt: daysAgo(90) },
    { key: 'pending', kind: 'x', status: 'pending', receivedAt: daysAgo(400) },
  ])
  const run = () => TASKS.remove_old_inbound_webhooks!(world.system, {})
  assert.deepEqual(await run(), { removed: 1_502 })
  assert.deepEqual(await run(), { removed: 0 })
  const left = await world.runtime.core.database.kysely.selectFrom('inboundWebhooks').select('key').execute()
  assert.deepEqual(left.map(({ key }) => key).sort(), ['applied', 'failed', 'ignored', 'pending'])
})

type Ended = { key: string; kind: string; status: string; receivedAt: string }

/** Rows with an error each, so that a test sees which of them were touched. */
async function addEnded(world: InboundWebhookWorld, webhooks: Ended[]): Promise<void> {
  const rows = webhooks.map((webhook) => ({
    ...webhook,
    id: idAt(webhook.receivedAt),
    url: '/in',
    headers: '{}',
    body: Buffer.from(`body of ${webhook.key}`),
    attemptCount: 3,
    dueAt: addMs(webhook.receivedAt, DAY_MS),
    error: 'Error: none',
    appliedAt: webhook.status === 'applied' ? webhook.receivedAt : null,
  }))
  await world.runtime.core.database.kysely.insertInto('inboundWebhooks').values(rows).execute()
}

/** As it would have been made then. */
function idAt(at: string): string {
  const hex = Date.parse(at).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}${randomUUIDv7().slice(13)}`
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import { until } from '../../testing/client-world.ts'
import { type InboundWebhookWorld, inboundWebhookWorld } from '../../testing/inbound-webhook-world.ts'
import { AppError } from '../errors.ts'
import { LEASE_MS } from './claim-inbound-webhooks.ts'
import type { ApplyOne, StoredWebhook } from './schema.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const HOUR_S = 3_600
const DONE = async () => 'applied' as const

test('what came in is applied in the order in which it came, as it came', async (t) => {
  const world = await inboundWebhookWorld(t)
  const keys = await storeInOrder(world, 30)
  const headers = { 'content-type': 'text/plain' }
  await world.store('last', { body: Buffer.from([0, 0xff]), headers, keepHeaders: ['content-type'] })
  const seen: StoredWebhook[] = []
  const apply: ApplyOne = async (_ctx, webhook) => {
    seen.push(webhook)
    return webhook.key === 'last' ? 'ignored' : 'applied'
  }
  world.startApplying({ test: apply }, { atOnce: 1, rowsMax: 8 })
  const last = await world.untilStatus('last', 'ignored')
  assert.deepEqual(
    seen.map(({ key }) => key),
    [...keys, 'last'],
  )
  const { id, kind, url, body, receivedAt } = last
  const { number: _, leaseEndsAt: __, ...given } = seen.at(-1) as StoredWebhook & Record<string, unknown>
  assert.deepEqual(given, { id, kind, key: 'last', url, headers, body, receivedAt })
  const first = await world.untilStatus('k0', 'applied')
  assert.deepEqual([first.attemptCount, first.error, first.appliedAt !== null], [1, null, true])
})

test('it is applied as soon as it is stored', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.startApplying({ test: DONE }, { pollMs: 600_000 })
  await world.store('a')
  await world.untilStatus('a', 'applied')
})

test('those of a kind that is applied in batches share calls, up to so many', async (t) => {
  const world = await inboundWebhookWorld(t)
  const keys = await storeInOrder(world, 25)
  await world.store('other', { kind: 'other' })
  const batches: string[][] = []
  const applyMany = async (_: unknown, webhooks: readonly StoredWebhook[]) => {
    batches.push(webhooks.map(({ key }) => key))
    return webhooks.map(({ key }) => (key === 'k3' ? ('ignored' as const) : ('applied' as const)))
  }
  world.startApplying({ test: { applyMany }, other: DONE }, { batchMax: 10 })
  await world.untilStatus('k24', 'applied')
  await world.untilStatus('k3', 'ignored')
  await world.untilStatus('other', 'applied')
  assert.deepEqual(batches, [keys.slice(0, 10), keys.slice(10, 20), keys.slice(20)])
})

test('where a batch fails, each of it is applied by itself, and the bad one spoils no batch again', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.setNow(NOW)
  const { pool } = world.runtime.core.database
  await pool.query('create table applied (key text)')
  await storeInOrder(world, 10)
  const batches: number[] = []
  const dispatcher = world.startApplying({
    test: {
      applyMany: (ctx, webhooks) => {
        batches.push(webhooks.length)
        return ctx.transaction(async ({ db }) => {
          for (const { key } of webhooks) {
            await sql`insert into applied values (${key})`.execute(db)
            if (key === 'k4') await sql`select ${key}::int`.execute(db)
          }
          return webhooks.map(() => 'applied' as const)
        })
      },
    },
  })
  world.setNow(addMs(NOW, 100))
  dispatcher.wake()
  const failed = await world.untilAttempts('k4', 1)
  await world.untilStatus('k9', 'applied')
  assert.deepEqual(
    [failed.status, failed.error],
    ['pending', 'PostgreSQL 22P02: invalid input syntax for type integer: …'],
  )
  const applied = async () => (await pool.query('select key from applied order by key')).rows.map(({ key }) => key)
  assert.deepEqual(await applied(), ['k0', 'k1', 'k2', 'k3', 'k5', 'k6', 'k7', 'k8', 'k9'])
  assert.deepEqual(batches, [10, ...Array(10).fill(1)])

  world.setNow(failed.dueAt)
  await Promise.all([world.store('n0'), world.store('n1')])
  await world.untilAttempts('k4', 2)
  await world.untilStatus('n1', 'applied')
  assert.deepEqual(batches.slice(11).sort(), [1, 2])
})

test('where the database or a queue is at its end, a batch waits as a whole', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.setNow(NOW)
  await Promise.all([world.store('a'), world.store('b')])
  const batches: number[] = []
  const applyMany = async (_: unknown, webhooks: readonly StoredWebhook[]): Promise<never> => {
    batches.push(webhooks.length)
    throw new AppError('overloaded')
  }
  world.startApplying({ test: { applyMany } })
  for (const key of ['a', 'b']) {
    const { error } = await world.untilAttempts(key, 1)
    assert.equal(error, 'The server has too much to do: try again shortly.')
  }
  assert.deepEqual(batches, [2])
})

test('what cannot be applied is tried twelve times in about a day, then it has failed; its content is nowhere', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.setNow(NOW)
  await world.store('a', { body: Buffer.from('{"text": "secret" secret') })
  const apply: ApplyOne = async (_ctx, { body }) => JSON.parse(body.toString())
  const dispatcher = world.startApplying({ test: apply }, { random: () => 0.5 })
  const waits: number[] = []
  let now = NOW
  for (let attempt = 1; attempt < 12; attempt++) {
    const { dueAt, status } = await world.untilAttempts('a', attempt)
    assert.equal(status, 'pending')
    waits.push((Date.parse(dueAt) - Date.parse(now)) / 1_000)
    now = dueAt
    // A moment too early nothing happens.
    world.setNow(addMs(now, -1))
    dispatcher.wake()
    assert.equal(world.results.length, attempt)
    world.setNow(now)
  }
  assert.deepEqual(waits, [5, 15, 45, 135, 405, 1_215, 3_645, 10_935, ...Array(3).fill(6 * HOUR_S)])
  const { error, attemptCount, appliedAt } = await world.untilStatus('a', 'failed')
  assert.deepEqual([attemptCount, appliedAt], [12, null])
  assert.match(error!, /^SyntaxError: .*…/)
  assert.doesNotMatch(error!, /secret|text/)
  assert.equal(world.results.length, 12)
})

test('what nobody applies is ignored, and kept', async (t) => {
  const world = await inboundWebhookWorld(t)
  for (const kind of ['new', 'constructor']) await world.store(kind, { kind })
  world.startApplying({ test: DONE })
  for (const kind of ['new', 'constructor']) {
    const { error, body } = await world.untilStatus(kind, 'ignored')
    assert.deepEqual([error, body.toString()], ['Nothing here applies webhooks of this kind.', kind])
  }
})

test('what a node had when it died is applied by another one once the lease has ended, and not sooner', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.setNow(NOW)
  await world.store('a')
  const [begun, hung] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()]
  const dying = async () => {
    begun.resolve()
    return hung.promise
  }
  world.startApplying({ test: dying }, { pollMs: 600_000, rowsMax: 1 })
  await begun.promise
  // Never closed, and never heard of again.
  const applied: string[] = []
  const apply: ApplyOne = async (_ctx, { key }) => {
    applied.push(key)
    return 'applied'
  }
  const other = world.startApplying({ test: apply }, {}, await world.openNode())
  world.setNow(addMs(NOW, LEASE_MS - 1))
  await world.store('b')
  other.wake()
  await until('the other node works', () => applied.includes('b'))
  assert.deepEqual(applied, ['b'])
  world.setNow(addMs(NOW, LEASE_MS))
  other.wake()
  await world.untilStatus('a', 'applied')
  assert.deepEqual(applied, ['b', 'a'])
  // It was only slow after all: what it says now changes nothing.
  hung.reject(new Error('late'))
  await until('the first one has ended', () => world.results.some(({ error }) => error === 'Error: late'))
  const { attemptCount, error, status } = await world.read('a')
  assert.deepEqual([attemptCount, error, status], [2, null, 'applied'])
})

test('a failure that is told after the lease has ended does not disturb the attempt that is under way', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.setNow(NOW)
  await world.store('a')
  const hold = () => ({ begun: Promise.withResolvers<void>(), end: Promise.withResolvers<'applied'>() })
  const [slow, next] = [hold(), hold()]
  const apply =
    ({ begun, end }: typeof slow) =>
    async () => {
      begun.resolve()
      return end.promise
    }
  const first = world.startApplying({ test: apply(slow) }, { pollMs: 600_000 })
  await slow.begun.promise
  world.setNow(addMs(NOW, LEASE_MS))
  world.startApplying({ test: apply(next) }, {}, await world.openNode())
  await next.begun.promise
  slow.end.reject(new Error('late'))
  await until('the first one has ended', () => world.results.length === 1)
  // Writes down what it has.
  await first.close()
  const { attemptCount, error, dueAt } = await world.read('a')
  assert.deepEqual([attemptCount, error, dueAt], [2, null, addMs(NOW, 2 * LEASE_MS)])
  next.end.resolve('applied')
  await world.untilStatus('a', 'applied')
})

test('what ends every process that applies it is given up', async (t) => {
  const world = await inboundWebhookWorld(t)
  await world.store('a')
  await world.runtime.core.database.kysely.updateTable('inboundWebhooks').set({ attemptCount: 12 }).execute()
  const apply = () => assert.fail('it was applied again')
  world.startApplying({ test: apply })
  const { error } = await world.untilStatus('a', 'failed')
  assert.equal(error, 'Error: It never ended, 12 times.')
})

test('one that takes too long gives its place to others', async (t) => {
  const world = await inboundWebhookWorld(t)
  const never = Promise.withResolvers<never>()
  await storeInOrder(world, 2)
  const apply: ApplyOne = async (_ctx, { key }) => (key === 'k0' ? never.promise : 'applied')
  world.startApplying({ test: apply }, { atOnce: 1, timeoutMs: 30 })
  await world.untilStatus('k1', 'applied')
  assert.equal((await world.read('k0')).error, 'ApplyTimeout: It took longer than 30 ms.')
})

test('no more calls, webhooks and bytes are at work at once than were set', async (t) => {
  const world = await inboundWebhookWorld(t)
  await storeInOrder(world, 6, Buffer.alloc(60))
  const mayEnd = Promise.withResolvers<void>()
  let [running, most] = [0, 0]
  const apply = async () => {
    most = Math.max(most, ++running)
    await mayEnd.promise
    running--
    return 'applied' as const
  }
  const dispatcher = world.startApplying({ test: apply }, { atOnce: 2, bytesMax: 150 })
  await until('as many run as may', () => running === 2)
  dispatcher.wake()
  const { kysely } = world.runtime.core.database
  const claimed = await kysely.selectFrom('inboundWebhooks').select('key').where('attemptCount', '>', 0).execute()
  // The third began below the limit.
  assert.deepEqual(claimed.map(({ key }) => key).sort(), ['k0', 'k1', 'k2'])
  mayEnd.resolve()
  await world.untilStatus('k5', 'applied')
  assert.equal(most, 2)
})

test('closing gives back what has not begun, and waits for what has', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.setNow(NOW)
  await storeInOrder(world, 3)
  world.setNow(addMs(NOW, 10))
  const [begun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const apply = async () => {
    begun.resolve()
    await mayEnd.promise
    return 'applied' as const
  }
  const dispatcher = world.startApplying({ test: apply }, { atOnce: 1 })
  await begun.promise
  const closed = dispatcher.close(60_000)
  mayEnd.resolve()
  await closed
  const rows = await Promise.all(['k0', 'k1', 'k2'].map(world.read))
  assert.deepEqual(
    rows.map(({ status, attemptCount }) => [status, attemptCount]),
    [
      ['applied', 1],
      ['pending', 0],
      ['pending', 0],
    ],
  )
  // At once, without waiting for a lease.
  world.startApplying({ test: DONE }, {}, await world.openNode())
  await world.untilStatus('k2', 'applied')
})

test('two nodes share what there is, and each webhook is applied once', async (t) => {
  const world = await inboundWebhookWorld(t)
  const keys = await storeInOrder(world, 300)
  const applied: string[] = []
  const apply: ApplyOne = async (_ctx, { key }) => {
    applied.push(key)
    return 'applied'
  }
  const options = { rowsMax: 20, pollMs: 20 }
  world.startApplying({ test: apply }, options)
  world.startApplying({ test: apply }, options, await world.openNode())
  await until('all are applied', () => applied.length >= 300)
  assert.deepEqual(applied.sort(), keys.toSorted())
})

test('an applier that says nothing of use has failed, and holds up no other', async (t) => {
  const world = await inboundWebhookWorld(t)
  await Promise.all([world.store('a'), world.store('b', { kind: 'other' }), world.store('c', { kind: 'other' })])
  world.startApplying({
    test: async () => 'done' as 'applied',
    other: { applyMany: async (_ctx, [first]) => (first!.key === 'b' ? [] : ['applied']) },
  })
  await world.untilStatus('c', 'applied')
  for (const key of ['a', 'b']) {
    const { error } = await world.untilAttempts(key, 1)
    assert.equal(error, 'Error: The applier did not say what became of each webhook.')
  }
})

/** k0, k1, …, each a millisecond after the one before. */
async function storeInOrder(world: InboundWebhookWorld, count: number, body?: Buffer): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, i) => `k${i}`)
  const start = world.system.now() === NOW ? NOW : addMs(NOW, -1_000)
  const stored = keys.map((key, i) => {
    world.setNow(addMs(start, i))
    return world.store(key, body && { body })
  })
  await Promise.all(stored)
  world.setNow(addMs(start, count))
  return keys
}

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type pg from 'pg'
import { openPool } from '../../platform/database/database.ts'
import { inboundWebhookWorld } from '../../testing/inbound-webhook-world.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { fingerprint } from './fingerprint.ts'
import { InboundWebhookWriter } from './inbound-webhook-writer.ts'
import { BODY_BYTES_MAX } from './schema.ts'

const NOW = '2026-03-01T12:00:00.000Z'

test('a webhook is stored as its bytes, with the headers that were asked for and no secret of the caller', async (t) => {
  const world = await inboundWebhookWorld(t)
  world.setNow(NOW)
  const bodies = [Buffer.from([0, 0xff, 0xc3, 0x28, 0, 0x5c, 0x22, 0x27]), Buffer.alloc(0), randomBytes(100_000)]
  const headers = {
    'Content-Type': 'application/json',
    'x-signature': ['a', 'ü'],
    authorization: 'Bearer secret',
    Cookie: 'secret',
    'x-other': 'other',
  }
  const keepHeaders = ['content-type', 'X-Signature', 'Authorization', 'cookie', 'x-missing']
  const url = 'https://parlance.test/in?a=%00&b=ü'
  const stored = bodies.map((body, i) =>
    world.store(`k${i}`, { kind: 'twilio.status', body, url, headers, keepHeaders }),
  )
  assert.deepEqual(
    await Promise.all(stored),
    bodies.map(() => ({ isRepeat: false })),
  )
  for (const [i, body] of bodies.entries()) {
    const { id: _, ...row } = await world.read(`k${i}`)
    assert.deepEqual(row, {
      kind: 'twilio.status',
      key: `k${i}`,
      url,
      headers: { 'content-type': 'application/json', 'x-signature': 'a, ü' },
      body,
      status: 'pending',
      attemptCount: 0,
      dueAt: NOW,
      error: null,
      receivedAt: NOW,
      appliedAt: null,
    })
  }
})

test('a repeat is stored once, also among those of a moment and of two nodes', async (t) => {
  const world = await testWorld(t)
  const other = await world.openNode()
  const writers = [writerOf(world), writerOf(world, { pool: other.core.database.pool })]
  // Both nodes get every key several times, in orders that cross.
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`)
  const writes = [...keys, ...keys.toReversed(), ...keys].flatMap((key) =>
    writers.map(async (writer) => ({ key, ...(await writer.write(webhook(key))) })),
  )
  const written = await Promise.all(writes)
  assert.deepEqual(written.flatMap(({ key, isRepeat }) => (isRepeat ? [] : [key])).sort(), keys.toSorted())
  assert.equal(await countRows(world), 100)
  assert.deepEqual(await writers[0]!.write({ ...webhook('k0'), body: Buffer.from('another') }), { isRepeat: true })
  assert.deepEqual(await writers[0]!.write({ ...webhook('k0'), kind: 'other' }), { isRepeat: false })
})

test('any key names its webhook, whatever a stranger made of it', async (t) => {
  const world = await inboundWebhookWorld(t)
  const keys = ['', 'nul \0', 'x'.repeat(100_000), '\ud800', '\ud801', 'ü', '\u001b[2J', 'plain']
  for (const isRepeat of [false, true]) {
    for (const key of keys) assert.deepEqual(await world.store(key), { isRepeat }, JSON.stringify(key.slice(0, 20)))
  }
  assert.equal((await world.read('plain')).key, 'plain')
})

test('a row that cannot be written fails alone', async (t) => {
  const world = await inboundWebhookWorld(t)
  const stored = await Promise.allSettled([
    world.store('a'),
    world.store('b', { url: 'nul \0' }),
    world.store('c'),
    world.store('a'),
  ])
  assert.deepEqual(
    stored.map((one) => (one.status === 'fulfilled' ? one.value.isRepeat : 'rejected')),
    [false, 'rejected', false, true],
  )
})

test('a body as large as can be is stored, and a larger one refused', async (t) => {
  const world = await inboundWebhookWorld(t)
  const body = randomBytes(BODY_BYTES_MAX + 1)
  await assert.rejects(world.store('larger', { body }), { code: 'invalid_request' })
  const key = fingerprint(body.subarray(1))
  await Promise.all([world.store(key, { body: body.subarray(1) }), world.store('small')])
  assert.equal(fingerprint((await world.read(key)).body), key)
})

test('a full queue refuses, by count and by bytes, and what was in it is stored', async (t) => {
  const world = await testWorld(t)
  const counted = writerOf(world, { queueMax: 20, batchMax: 5 })
  const weighed = writerOf(world, { heldBytesMax: 1_000, batchBytesMax: 250 })
  const writes = (writer: InboundWebhookWriter, name: string, body: Buffer) =>
    Promise.allSettled(Array.from({ length: 25 }, (_, i) => writer.write({ ...webhook(`${name}${i}`), body })))
  const results = await Promise.all([writes(counted, 'c', Buffer.alloc(0)), writes(weighed, 'w', Buffer.alloc(100))])
  const outcomes = results.map((some) => some.map((one) => (one.status === 'rejected' ? one.reason.code : 'stored')))
  const expect = (stored: number) => Array.from({ length: 25 }, (_, i) => (i < stored ? 'stored' : 'overloaded'))
  assert.deepEqual(outcomes, [expect(20), expect(10)])
  assert.equal(await countRows(world), 30)
  // What was written makes room.
  assert.deepEqual(await weighed.write({ ...webhook('after'), body: Buffer.alloc(1_000) }), { isRepeat: false })
})

test('what is stored while connections break is stored once, and is no repeat of itself', async (t) => {
  const world = await testWorld(t)
  const applicationName = 'parlance inbound test'
  const pool = openPool({ url: world.databaseUrl, connectionsMax: 1, applicationName })
  t.after(() => pool.end())
  const writer = writerOf(world, { pool, retryForMs: 60_000 })
  const outcomes: boolean[] = []
  const send = async (i: number) => {
    outcomes.push((await writer.write(webhook(`k${i}`))).isRepeat)
    if (i % 50 === 25) {
      await world.runtime.core.database.pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
        [applicationName],
      )
    }
  }
  await Promise.all(
    Array.from({ length: 20 }, async (_, sender) => {
      for (let i = sender; i < 400; i += 20) await send(i)
    }),
  )
  assert.deepEqual(
    outcomes,
    Array.from({ length: 400 }, () => false),
  )
  assert.equal(await countRows(world), 400)
})

test('what was committed before its answer was lost is no repeat of itself, and a repeat remains one', async (t) => {
  const world = await testWorld(t)
  const { pool } = world.runtime.core.database
  await writerOf(world).write(webhook('before'))
  let answers = 0
  const query = async (statement: pg.QueryConfig) => {
    const result = await pool.query(statement)
    if (++answers === 1) throw new Error('Connection terminated unexpectedly')
    return result
  }
  const writer = writerOf(world, { pool: { query } as unknown as pg.Pool })
  const written = await Promise.all(['new', 'before', 'new'].map((key) => writer.write(webhook(key))))
  assert.deepEqual(
    written.map(({ isRepeat }) => isRepeat),
    [false, true, true],
  )
  assert.deepEqual([answers, await countRows(world)], [2, 2])
})

test('without a database it says that it could not be stored, and that it may come again', async (t) => {
  const world = await testWorld(t)
  const pool = openPool({ url: 'postgres://nobody@127.0.0.1:1/none', connectionsMax: 1 })
  t.after(() => pool.end())
  const writer = writerOf(world, { pool, retryForMs: 0 })
  const writes = await Promise.allSettled([writer.write(webhook('a')), writer.write(webhook('b'))])
  for (const one of writes) assert.equal(one.status === 'rejected' && one.reason.code, 'unavailable')
})

test('closing waits until all is stored', async (t) => {
  const world = await testWorld(t)
  const writer = writerOf(world, { batchMax: 3 })
  const writes = Array.from({ length: 20 }, (_, i) => writer.write(webhook(`k${i}`)))
  await writer.close()
  assert.equal(await countRows(world), 20)
  await Promise.all(writes)
})

test('a fingerprint is the SHA-256 of the bytes', () => {
  assert.equal(fingerprint(Buffer.from('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

function writerOf(
  { runtime: { core } }: TestWorld,
  options: Partial<ConstructorParameters<typeof InboundWebhookWriter>[0]> = {},
) {
  return new InboundWebhookWriter({ pool: core.database.pool, clock: core.clock, ...options })
}

function webhook(key: string) {
  return { kind: 'test', key, url: '/in', headers: {}, body: Buffer.from(key) }
}

async function countRows({ runtime }: TestWorld): Promise<number> {
  const { rows } = await runtime.core.database.pool.query('select count(*) from inbound_webhooks')
  return rows[0]!.count
}

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { parseCronItems } from 'graphile-worker'
import { SYSTEM } from '../core/actor.ts'
import { createContext } from '../core/context.ts'
import { sendMessage } from '../core/messages/send-message.ts'
import { addMs } from '../platform/clock.ts'
import { type TestWorld, testWorld } from '../testing/world.ts'
import { SCHEDULE, TASKS } from './tasks.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const HOUR_MS = 60 * 60 * 1000

test('every scheduled task exists, and its times can be read', () => {
  for (const { task } of SCHEDULE) assert.ok(TASKS[task], task)
  assert.equal(parseCronItems(SCHEDULE).length, SCHEDULE.length)
})

test('old events go, the last one of each stream stays, and so does what search has not read', async (t) => {
  // Events that are gone cannot tell what stands in the database.
  const world = await testWorld(t, { eventTruth: false })
  const { general, secret } = world.ids
  world.setNow(addMs(NOW, -73 * HOUR_MS))
  for (const body of ['1', '2', '3']) await send(world, general, body)
  await send(world, secret, 'only')
  world.setNow(NOW)
  await send(world, general, 'today')
  const { kysely } = world.runtime.core.database

  await kysely.updateTable('logReaders').set({ position: 1 }).execute()
  assert.deepEqual(await run(world, 'trim_events'), { removed: 1 })
  await kysely.updateTable('logReaders').set({ position: 1_000_000 }).execute()
  assert.deepEqual(await run(world, 'trim_events'), { removed: 2 })
  assert.deepEqual(await run(world, 'trim_events'), { removed: 0 })
  const kept = await kysely.selectFrom('events').select(['streamId', 'seq']).orderBy('position').execute()
  assert.deepEqual(kept, [
    { streamId: secret, seq: 1 },
    { streamId: general, seq: 4 },
  ])
})

test('sessions that ended go with their tokens; those that live keep all but tokens used long ago', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  world.setNow(NOW)
  const { kysely } = world.runtime.core.database
  const { ada, bob, cy } = world.ids
  const dayBefore = addMs(NOW, -25 * HOUR_MS)
  await kysely.updateTable('sessions').set({ expiresAt: dayBefore }).where('id', '=', bob).execute()
  await kysely.updateTable('sessions').set({ revokedAt: dayBefore }).where('id', '=', cy).execute()
  const token = (sessionId: string, usedAt: string | null) => ({
    tokenHash: randomBytes(32),
    sessionId,
    createdAt: dayBefore,
    usedAt,
  })
  const tokens = [token(bob, null), token(ada, addMs(NOW, -31 * 24 * HOUR_MS)), token(ada, dayBefore), token(ada, null)]
  await kysely.insertInto('refreshTokens').values(tokens).execute()
  assert.deepEqual(await run(world, 'remove_ended_sessions'), { removed: 3 })
  assert.deepEqual(await run(world, 'remove_ended_sessions'), { removed: 0 })
  const left = await kysely.selectFrom('sessions').select('id').where('id', 'in', [ada, bob, cy]).execute()
  assert.deepEqual(left, [{ id: ada }])
  assert.equal((await kysely.selectFrom('refreshTokens').selectAll().execute()).length, 2)
})

test('tickets and idempotency keys go when their time has passed', async (t) => {
  const world = await testWorld(t)
  world.setNow(NOW)
  const { kysely } = world.runtime.core.database
  const { ada } = world.ids
  const ticket = (expiresAt: string) => ({ tokenHash: randomBytes(32), sessionId: ada, expiresAt })
  await kysely
    .insertInto('socketTickets')
    .values([ticket(addMs(NOW, -1)), ticket(addMs(NOW, 1))])
    .execute()
  const key = (name: string, createdAt: string) => ({
    scopeId: ada,
    key: name,
    fingerprint: Buffer.alloc(32),
    status: 201,
    body: Buffer.alloc(40),
    createdAt,
  })
  const keys = [key('old', addMs(NOW, -25 * HOUR_MS)), key('new', addMs(NOW, -23 * HOUR_MS))]
  await kysely.insertInto('idempotencyKeys').values(keys).execute()
  for (const removed of [1, 0]) {
    assert.deepEqual(await run(world, 'remove_expired_tickets'), { removed })
    assert.deepEqual(await run(world, 'remove_old_idempotency_keys'), { removed })
  }
  assert.deepEqual(await kysely.selectFrom('idempotencyKeys').select('key').execute(), [{ key: 'new' }])
})

function run(world: TestWorld, task: string): Promise<unknown> {
  return TASKS[task]!(createContext(world.runtime.core, SYSTEM), {})
}

async function send(world: TestWorld, conversationId: string, body: string) {
  await sendMessage(world.as('ada'), { conversationId, body })
}

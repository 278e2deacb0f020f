import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { TASKS } from '../../jobs/tasks.ts'
import { addMs } from '../../platform/clock.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { SYSTEM } from '../actor.ts'
import { createContext } from '../context.ts'
import { clearStatus } from './clear-status.ts'
import { getUser } from './get-user.ts'
import { setStatus } from './set-status.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const HOUR_MS = 3_600_000
const LATER = addMs(NOW, HOUR_MS)

async function statusOf(world: TestWorld) {
  const { status, statusText, statusExpiresAt } = await getUser(world.as('bob'), { userId: world.ids.ada })
  return [status, statusText, statusExpiresAt]
}

async function jobs(world: TestWorld) {
  const { kysely } = world.runtime.core.database
  const { rows } = await sql<{ key: string; runAt: string }>`
    select key, run_at from graphile_worker.jobs where task_identifier = 'expire_status'`.execute(kysely)
  return rows.map(({ key, runAt }) => [key, runAt])
}

const expire = (world: TestWorld) =>
  TASKS.expire_status!(createContext(world.runtime.core, SYSTEM), { userId: world.ids.ada })

test('a status is shown to others until it is cleared, and each change is announced', async (t) => {
  const world = await testWorld(t)
  const { ada, workspace } = world.ids
  await setStatus(world.as('ada'), { status: 'out_of_office', text: ' On the moon 🌙 ' })
  assert.deepEqual(await statusOf(world), ['out_of_office', 'On the moon 🌙', null])
  await setStatus(world.as('ada'), { status: 'busy' })
  assert.deepEqual(await statusOf(world), ['busy', null, null])
  await clearStatus(world.as('ada'))
  assert.deepEqual(await statusOf(world), [null, null, null])
  const events = await world.events()
  assert.deepEqual(
    events.map(({ type, streamId }) => `${type} ${streamId}`),
    Array.from({ length: 3 }, () => [`user.updated ${ada}`, `user.updated ${workspace}`]).flat(),
  )
})

test('clearing what is not set says nothing', async (t) => {
  const world = await testWorld(t)
  await clearStatus(world.as('ada'))
  assert.deepEqual(await world.events(), [])
})

test('a text may stand without a status, and lines and length are refused', async (t) => {
  const world = await testWorld(t)
  await setStatus(world.as('ada'), { status: null, text: '🌙'.repeat(128) })
  assert.deepEqual(await statusOf(world), [null, '🌙'.repeat(128), null])
  await setStatus(world.as('ada'), { status: 'busy', text: '  ' })
  assert.deepEqual(await statusOf(world), ['busy', null, null])
  for (const text of ['x'.repeat(129), 'two\nlines', 'a\0b', 'half \ud83d']) {
    const refused = setStatus(world.as('ada'), { status: 'busy', text })
    await assert.rejects(refused, (error: { fields: object }) => 'text' in error.fields, text)
  }
})

test('an end that is no time, or not in the future, is refused', async (t) => {
  const world = await testWorld(t)
  world.setNow(NOW)
  for (const expiresAt of ['tomorrow', '', NOW, '2020-01-01', '2026-02-31T00:00:00Z', '9999-12-31T23:59:59-12:00']) {
    const refused = setStatus(world.as('ada'), { status: 'busy', expiresAt })
    await assert.rejects(refused, (error: { fields: object }) => 'expires_at' in error.fields, expiresAt)
  }
  await setStatus(world.as('ada'), { status: 'busy', expiresAt: '2026-03-01T14:00:00+01:00' })
  assert.deepEqual(await statusOf(world), ['busy', null, LATER])
})

test('a job clears it at its end; a later status moves the job', async (t) => {
  const world = await testWorld(t)
  world.setNow(NOW)
  const { ada } = world.ids
  await setStatus(world.as('ada'), { status: 'busy', text: 'lunch', expiresAt: LATER })
  assert.deepEqual(await jobs(world), [[`expire_status ${ada}`, LATER]])
  const end = addMs(LATER, HOUR_MS)
  await setStatus(world.as('ada'), { status: 'busy', text: 'long lunch', expiresAt: end })
  assert.deepEqual(await jobs(world), [[`expire_status ${ada}`, end]])
  world.setNow(end)
  await expire(world)
  assert.deepEqual(await statusOf(world), [null, null, null])
  assert.equal((await world.events()).length, 6)
  await expire(world)
  assert.equal((await world.events()).length, 6)
})

test('a job that comes too early, or for a status that was replaced, leaves it', async (t) => {
  const world = await testWorld(t)
  world.setNow(NOW)
  await setStatus(world.as('ada'), { status: 'busy', expiresAt: LATER })
  world.setNow(addMs(LATER, -1))
  await expire(world)
  assert.deepEqual(await statusOf(world), ['busy', null, LATER])
  assert.deepEqual(await jobs(world), [[`expire_status ${world.ids.ada}`, LATER]])
  await setStatus(world.as('ada'), { status: 'offline' })
  world.setNow(LATER)
  await expire(world)
  assert.deepEqual(await statusOf(world), ['offline', null, null])
})

test('a status that is refused enqueues nothing', async (t) => {
  const world = await testWorld(t)
  world.setNow(NOW)
  const refused = world.as('ada').transaction(async (ctx) => {
    await setStatus(ctx, { status: 'busy', expiresAt: LATER })
    throw new Error('undone')
  })
  await assert.rejects(refused, /undone/)
  assert.deepEqual(await jobs(world), [])
  assert.deepEqual(await world.events(), [])
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { createUpload } from '../files/create-upload.ts'
import { KEYS_KEPT_MS, type KeyedRequest, runOnce } from './run-once.ts'

const [FIRST, OTHER] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

test('a repeat gets the first reply and changes nothing', async (t) => {
  const { world, once } = await open(t)
  const first = await once({ key: 'k', fingerprint: FIRST })
  assert.equal(first.isReplay, false)
  assert.deepEqual(await once({ key: 'k', fingerprint: FIRST }), { ...first, isReplay: true })
  assert.equal(await countFiles(world), 1)
})

test('a key is for one request, and for one caller', async (t) => {
  const { world, once } = await open(t)
  await once({ key: 'k', fingerprint: FIRST })
  await assert.rejects(once({ key: 'k', fingerprint: OTHER }), { code: 'idempotency_key_reused' })
  const bobs = await once({ key: 'k', fingerprint: OTHER, scopeId: world.ids.bob })
  assert.equal(bobs.isReplay, false)
})

test('of many at once with one key one runs, and the others hear that it does', async (t) => {
  const { world, once } = await open(t)
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => once({ key: 'k', fingerprint: FIRST })))
  assert.equal(await countFiles(world), 1)
  const replies = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  assert.equal(replies.filter(({ isReplay }) => !isReplay).length, 1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'idempotency_key_in_use')
  }
})

test('what fails leaves nothing, and its key can be used again', async (t) => {
  const { world, once } = await open(t)
  const failing = once({ key: 'k', fingerprint: FIRST }, async (ctx) => {
    await effect(ctx)
    throw new AppError('permission_denied')
  })
  await assert.rejects(failing, { code: 'permission_denied' })
  assert.equal(await countFiles(world), 0)
  assert.equal((await once({ key: 'k', fingerprint: OTHER })).isReplay, false)
})

test('a refusal that keeps its changes keeps them under a key too, and the key can be used again', async (t) => {
  const { world, once } = await open(t)
  const refusing = once({ key: 'k', fingerprint: FIRST }, async (ctx) => {
    await effect(ctx)
    throw new AppError('invalid_refresh_token', { keepsChanges: true })
  })
  await assert.rejects(refusing, { code: 'invalid_refresh_token' })
  assert.equal(await countFiles(world), 1)
  assert.equal((await once({ key: 'k', fingerprint: OTHER })).isReplay, false)
})

test('a key is forgotten after a day, also where it was not removed yet', async (t) => {
  const { world, once } = await open(t)
  world.setNow('2026-01-01T00:00:00.000Z')
  await once({ key: 'k', fingerprint: FIRST })
  world.setNow(addMs('2026-01-01T00:00:00.000Z', KEYS_KEPT_MS - 1))
  assert.equal((await once({ key: 'k', fingerprint: FIRST })).isReplay, true)
  world.setNow(addMs('2026-01-01T00:00:00.000Z', KEYS_KEPT_MS))
  assert.equal((await once({ key: 'k', fingerprint: OTHER })).isReplay, false)
  assert.equal(await countFiles(world), 2)
})

test('a reply does not lie in the database in clear', async (t) => {
  const { world, once } = await open(t)
  await once({ key: 'k', fingerprint: FIRST }, async () => ({ status: 200, body: '{"refresh_token":"secret"}' }))
  const { body } = await world.runtime.core.database.kysely
    .selectFrom('idempotencyKeys')
    .select('body')
    .executeTakeFirstOrThrow()
  assert.equal(body.includes('secret'), false)
})

async function open(t: TestContext) {
  const world = await testWorld(t)
  const scopeId = world.ids.ada
  const once = (request: Partial<KeyedRequest> & Pick<KeyedRequest, 'key' | 'fingerprint'>, run = effect) =>
    runOnce(world.as('ada'), { scopeId, ...request }, run)
  return { world, once }
}

async function effect(ctx: Context): Promise<{ status: number; body: string }> {
  const ada = ctx as Parameters<typeof createUpload>[0]
  const { file } = await createUpload(ada, { name: 'a.txt', contentType: 'text/plain', sizeBytes: 1 })
  return { status: 201, body: JSON.stringify(file) }
}

async function countFiles({ runtime }: TestWorld): Promise<number> {
  return (await runtime.core.database.kysely.selectFrom('files').select('id').execute()).length
}

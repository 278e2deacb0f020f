import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { DANA, NOW, signedUp, whoIs } from '../../testing/signed-up.ts'
import { createSession } from './create-session.ts'
import { refreshSession } from './refresh-session.ts'
import type { SignedIn } from './schema.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const CREDENTIALS = { email: DANA.email, password: DANA.password }

test('refreshing gives new tokens for the same session, again and again', async (t) => {
  const { world, dana } = await signedUp(t)
  let signedIn: SignedIn = dana
  for (let day = 1; day <= 3; day++) {
    world.setNow(addMs(NOW, day * 20 * DAY_MS))
    const refreshed = await refreshSession(world.anonymous(), signedIn)
    assert.equal(refreshed.sessionId, dana.sessionId)
    assert.deepEqual(refreshed.user, dana.user)
    assert.notEqual(refreshed.refreshToken, signedIn.refreshToken)
    assert.notEqual(refreshed.accessToken, signedIn.accessToken)
    await whoIs(world, refreshed)
    signedIn = refreshed
  }
  assert.deepEqual(await world.events(), [])
})

test('a session that was not refreshed for 30 days has ended', async (t) => {
  const { world, dana } = await signedUp(t)
  world.setNow(addMs(NOW, 30 * DAY_MS))
  await assert.rejects(refreshSession(world.anonymous(), dana), { code: 'invalid_refresh_token' })
})

test('a refresh token that nobody was given is refused and ends nothing', async (t) => {
  const { world, dana } = await signedUp(t)
  for (const refreshToken of ['', 'nonsense', dana.accessToken, `${dana.refreshToken}x`, 'half \ud83d']) {
    await assert.rejects(refreshSession(world.anonymous(), { refreshToken }), { code: 'invalid_refresh_token' })
  }
  await whoIs(world, dana)
  await refreshSession(world.anonymous(), dana)
})

test('a refresh token that is used again ends its session, and only that', async (t) => {
  const { world, dana } = await signedUp(t)
  const other = await createSession(world.anonymous(), CREDENTIALS)
  const refreshed = await refreshSession(world.anonymous(), dana)
  await assert.rejects(refreshSession(world.anonymous(), dana), { code: 'invalid_refresh_token' })
  await assert.rejects(whoIs(world, refreshed), { code: 'invalid_access_token' })
  await assert.rejects(refreshSession(world.anonymous(), refreshed), { code: 'invalid_refresh_token' })
  await whoIs(world, other)
  const events = await world.events()
  assert.deepEqual(
    events.map(({ type, streamId, data }) => [type, streamId, data]),
    [['session.revoked', dana.user.id, { sessionId: dana.sessionId }]],
  )
})

test('the second use ends the session also inside a transaction that the refusal undoes', async (t) => {
  const { world, dana } = await signedUp(t)
  const refreshed = await refreshSession(world.anonymous(), dana)
  const outer = world.anonymous().transaction(async (ctx) => refreshSession(ctx, dana))
  await assert.rejects(outer, { code: 'invalid_refresh_token' })
  await assert.rejects(whoIs(world, refreshed), { code: 'invalid_access_token' })
})

test('of two refreshes at once with one token one wins, and the session has ended', async (t) => {
  const { world } = await signedUp(t)
  for (let i = 0; i < 10; i++) {
    const session = await createSession(world.anonymous(), CREDENTIALS)
    const results = await Promise.allSettled([1, 2].map(() => refreshSession(world.anonymous(), session)))
    const won = results.filter((result) => result.status === 'fulfilled')
    const lost = results.filter((result) => result.status === 'rejected')
    assert.deepEqual([won.length, lost.length], [1, 1])
    assert.equal(lost[0]!.reason.code, 'invalid_refresh_token')
    await assert.rejects(whoIs(world, won[0]!.value), { code: 'invalid_access_token' })
    await assert.rejects(refreshSession(world.anonymous(), won[0]!.value), { code: 'invalid_refresh_token' })
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { NOW, signedUp } from '../../testing/signed-up.ts'
import { createTicket } from './create-ticket.ts'
import { revokeSession } from './revoke-session.ts'
import { useTicket } from './use-ticket.ts'

const REFUSED = { code: 'invalid_ticket' }

test('a ticket stands for its session, once', async (t) => {
  const { world, dana } = await signedUp(t)
  const { ticket, expiresAt } = await createTicket(world.asUser(dana.user.id, dana.sessionId))
  assert.equal(expiresAt, addMs(NOW, 30_000))
  const actor = await useTicket(world.anonymous('198.51.100.7'), { ticket })
  assert.deepEqual(actor, { kind: 'user', id: dana.user.id, sessionId: dana.sessionId, address: '198.51.100.7' })
  await assert.rejects(useTicket(world.anonymous(), { ticket }), REFUSED)
})

test('of many who show one ticket at once, one gets in', async (t) => {
  const { world, dana } = await signedUp(t)
  const { ticket } = await createTicket(world.asUser(dana.user.id, dana.sessionId))
  const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => useTicket(world.anonymous(), { ticket })))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('a ticket works for 30 seconds, and no longer than its session', async (t) => {
  const { world, dana } = await signedUp(t)
  const ctx = world.asUser(dana.user.id, dana.sessionId)
  const [late, inTime, signedOut] = [await createTicket(ctx), await createTicket(ctx), await createTicket(ctx)]
  world.setNow(addMs(NOW, 29_999))
  await useTicket(world.anonymous(), inTime)
  await revokeSession(ctx)
  await assert.rejects(useTicket(world.anonymous(), signedOut), REFUSED)
  world.setNow(addMs(NOW, 30_000))
  await assert.rejects(useTicket(world.anonymous(), late), REFUSED)
})

test('what is no ticket is refused', async (t) => {
  const { world, dana } = await signedUp(t)
  for (const ticket of ['', 'nonsense', dana.accessToken, dana.refreshToken]) {
    await assert.rejects(useTicket(world.anonymous(), { ticket }), REFUSED)
  }
})

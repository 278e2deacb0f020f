import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DANA, signedUp } from '../../testing/signed-up.ts'
import type { TestWorld } from '../../testing/world.ts'
import { createSession } from '../sessions/create-session.ts'
import { registerUser } from './register-user.ts'
import { updateUser } from './update-user.ts'

const WRONG = { code: 'wrong_credentials' }
const LIMITED = { code: 'rate_limited' }

function signIn(
  world: TestWorld,
  password: string,
  { address, email = DANA.email }: { address?: string; email?: string } = {},
) {
  return createSession(world.anonymous(address), { email, password })
}

test('after too many wrong passwords the right one is refused too, from everywhere', async (t) => {
  const { world } = await signedUp(t, { limits: { signInFailures: { points: 3, durationS: 900 } } })
  for (let i = 0; i < 3; i++) await assert.rejects(signIn(world, `wrong ${i}`), WRONG)
  await assert.rejects(signIn(world, DANA.password), LIMITED)
  await assert.rejects(signIn(world, DANA.password, { address: '198.51.100.7', email: 'DANA@example.com' }), LIMITED)
  await registerUser(world.anonymous(), { username: 'erin', email: 'erin@example.com', password: DANA.password })
  await signIn(world, DANA.password, { email: 'erin@example.com' })
})

test('an email that nobody has is limited alike, so that the limit does not tell them apart', async (t) => {
  const { world } = await signedUp(t, { limits: { signInFailures: { points: 2, durationS: 900 } } })
  const email = 'nobody@example.com'
  for (let i = 0; i < 2; i++) await assert.rejects(signIn(world, 'wrong', { email }), WRONG)
  await assert.rejects(signIn(world, 'wrong', { email }), LIMITED)
})

test('a right password clears the account', async (t) => {
  const { world } = await signedUp(t, { limits: { signInFailures: { points: 3, durationS: 900 } } })
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 2; i++) await assert.rejects(signIn(world, 'wrong'), WRONG)
    await signIn(world, DANA.password)
  }
})

test('one address that tries many accounts is stopped, and others are not', async (t) => {
  const { world } = await signedUp(t, { limits: { signInFailuresPerAddress: { points: 3, durationS: 900 } } })
  const mallory = (i: number) => ({ address: `2001:db8:0:1::${i}`, email: `nobody${i}@example.com` })
  for (let i = 0; i < 3; i++) await assert.rejects(signIn(world, 'wrong', mallory(i)), WRONG)
  await assert.rejects(signIn(world, 'wrong', mallory(4)), LIMITED)
  await assert.rejects(signIn(world, DANA.password, { address: '2001:db8:0:1::9' }), LIMITED)
  await signIn(world, DANA.password, { address: '2001:db8:0:2::1' })
})

test('many guesses at once are hardly more than one by one', async (t) => {
  const { world } = await signedUp(t, { limits: { signInFailures: { points: 5, durationS: 900 } } })
  const guesses = Array.from({ length: 50 }, (_, i) => signIn(world, `guess ${i}`).catch((error) => error.code))
  const looked = (await Promise.all(guesses)).filter((code) => code === 'wrong_credentials')
  // Those that were inside together with the last allowed one had begun already.
  assert.ok(looked.length >= 5 && looked.length <= 6, String(looked.length))
})

test('many who sign in rightly at once are all let in', async (t) => {
  const { world } = await signedUp(t, { limits: { signInFailures: { points: 2, durationS: 900 } } })
  await Promise.all(Array.from({ length: 20 }, () => signIn(world, DANA.password)))
})

test('guessing the current password is limited like signing in', async (t) => {
  const { world, dana } = await signedUp(t, { limits: { signInFailures: { points: 2, durationS: 900 } } })
  const guess = (currentPassword: string) =>
    updateUser(world.asUser(dana.user.id, dana.sessionId), { password: 'a new password', currentPassword })
  for (let i = 0; i < 2; i++) await assert.rejects(guess('wrong'), { code: 'wrong_password' })
  await assert.rejects(guess(DANA.password), LIMITED)
  await assert.rejects(signIn(world, DANA.password), LIMITED)
})

test('one address makes only so many accounts', async (t) => {
  const { world } = await signedUp(t, { limits: { registers: { points: 2, durationS: 3_600 } } })
  const register = (i: number, address?: string) =>
    registerUser(world.anonymous(address), { ...DANA, username: `erin${i}`, email: `erin${i}@example.com` })
  await register(1)
  await assert.rejects(register(2), LIMITED)
  await register(3, '198.51.100.7')
})

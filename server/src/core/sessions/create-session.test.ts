import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPasswordHash } from '../../platform/crypto/password-hash.ts'
import { DANA, NOW, signedUp, whoIs } from '../../testing/signed-up.ts'
import { testWorld } from '../../testing/world.ts'
import { registerUser } from '../users/register-user.ts'
import { createSession } from './create-session.ts'
import { refreshSession } from './refresh-session.ts'

const CREDENTIALS = { email: DANA.email, password: DANA.password }

test('signing in takes the email in any case, and begins a session of its own', async (t) => {
  const { world, dana } = await signedUp(t)
  const userAgent = `Parlance/1 ${'x'.repeat(600)}`
  const signedIn = await createSession(world.anonymous('2001:db8::1'), {
    ...CREDENTIALS,
    email: ' DANA@example.com ',
    userAgent,
  })
  assert.deepEqual(signedIn.user, dana.user)
  assert.notEqual(signedIn.sessionId, dana.sessionId)
  const { kysely } = world.runtime.core.database
  const row = await kysely
    .selectFrom('sessions')
    .selectAll()
    .where('id', '=', signedIn.sessionId)
    .executeTakeFirstOrThrow()
  assert.deepEqual([row.userId, row.address, row.userAgent], [dana.user.id, '2001:db8::1', userAgent.slice(0, 500)])
  await whoIs(world, dana)
  await whoIs(world, signedIn)
})

test('a wrong password, an unknown email and a deleted account have the same answer', async (t) => {
  const { world, dana } = await signedUp(t, { eventTruth: false })
  const attempts = [
    { ...CREDENTIALS, password: 'correct horsf' },
    { ...CREDENTIALS, password: '' },
    { ...CREDENTIALS, email: 'nobody@example.com' },
    // A cast member's hash is none that anything verifies against.
    { email: 'ada@example.com', password: '!' },
  ]
  for (const attempt of attempts) {
    await assert.rejects(createSession(world.anonymous(), attempt), {
      code: 'wrong_credentials',
      message: 'The email or the password is wrong.',
    })
  }
  const { kysely } = world.runtime.core.database
  await kysely.updateTable('users').set({ deletedAt: NOW }).where('id', '=', dana.user.id).execute()
  await assert.rejects(createSession(world.anonymous(), CREDENTIALS), { code: 'wrong_credentials' })
  await assert.rejects(refreshSession(world.anonymous(), dana), { code: 'invalid_refresh_token' })
})

test('every byte of a long password counts', async (t) => {
  const world = await testWorld(t)
  const password = 'p'.repeat(200)
  await registerUser(world.anonymous(), { ...DANA, password })
  await createSession(world.anonymous(), { ...CREDENTIALS, password })
  for (const wrong of ['p'.repeat(199), `${'p'.repeat(199)}q`, `${password}p`, 'p'.repeat(72)]) {
    await assert.rejects(createSession(world.anonymous(), { ...CREDENTIALS, password: wrong }), {
      code: 'wrong_credentials',
    })
  }
})

test('a password is the same however its letters are composed, and beyond a zero byte', async (t) => {
  const world = await testWorld(t)
  const password = 'Zoë\0пароль 🔑 密碼'
  await registerUser(world.anonymous(), { ...DANA, password: password.normalize('NFC') })
  await createSession(world.anonymous(), { ...CREDENTIALS, password: password.normalize('NFD') })
  for (const wrong of ['Zoe\0пароль 🔑 密碼', 'Zoë\0пароль 🔑 密', 'Zoë\0']) {
    await assert.rejects(createSession(world.anonymous(), { ...CREDENTIALS, password: wrong }), {
      code: 'wrong_credentials',
    })
  }
})

test('a hash of another cost is made anew at the next sign-in', async (t) => {
  const { world, dana } = await signedUp(t)
  const { kysely } = world.runtime.core.database
  const hashOf = async () =>
    (await kysely.selectFrom('users').select('passwordHash').where('id', '=', dana.user.id).executeTakeFirstOrThrow())
      .passwordHash
  const costly = await createPasswordHash({ cost: 5 }).hash(DANA.password)
  await kysely.updateTable('users').set({ passwordHash: costly }).where('id', '=', dana.user.id).execute()
  await createSession(world.anonymous(), CREDENTIALS)
  const renewed = await hashOf()
  assert.match(renewed, /^\$2b\$04\$/)
  await createSession(world.anonymous(), CREDENTIALS)
  assert.equal(await hashOf(), renewed)
})

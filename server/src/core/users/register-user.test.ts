import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { authenticate } from '../sessions/authenticate.ts'
import { createSession } from '../sessions/create-session.ts'
import { registerUser } from './register-user.ts'

const DANA = { username: 'dana', email: 'dana@example.com', password: 'correct horse' }

test('whoever registers is signed in, and nobody hears of it', async (t) => {
  const world = await testWorld(t)
  const signedIn = await registerUser(world.anonymous(), { ...DANA, name: '  Dana  Ö. ' })
  const { user } = signedIn
  assert.deepEqual([user.username, user.email, user.name], ['dana', 'dana@example.com', 'Dana  Ö.'])
  assert.deepEqual([user.status, user.statusText, user.statusExpiresAt], [null, null, null])
  const actor = await authenticate(world.runtime.core, { token: signedIn.accessToken, address: '192.0.2.9' })
  const expected = { kind: 'user', id: user.id, sessionId: signedIn.sessionId, address: '192.0.2.9' }
  assert.deepEqual(actor, expected)
  assert.deepEqual(await world.events(), [])
  const { passwordHash } = await row(world, user.id)
  assert.match(passwordHash, /^\$2b\$04\$/)
})

test('names are trimmed, and the name is the username where none is given', async (t) => {
  const world = await testWorld(t)
  const input = { ...DANA, username: ' Dana.2 ', email: ' Dana@Example.com ', name: null }
  const { user } = await registerUser(world.anonymous(), input)
  assert.deepEqual([user.username, user.email, user.name], ['Dana.2', 'Dana@Example.com', 'Dana.2'])
})

test('every wrong field is named at once', async (t) => {
  const world = await testWorld(t)
  const input = { username: 'a', email: 'nobody', password: 'short', name: 'x'.repeat(101) }
  await assert.rejects(registerUser(world.anonymous(), input), (error: { code: string; fields: object }) => {
    assert.equal(error.code, 'invalid_request')
    assert.deepEqual(Object.keys(error.fields).sort(), ['email', 'name', 'password', 'username'])
    return true
  })
})

test('usernames have 3 to 32 letters, digits, _ . - and end in a letter or digit; some are reserved', async (t) => {
  const world = await testWorld(t)
  const refused = [
    'ab',
    'x'.repeat(33),
    '.dana',
    'dana-',
    'da na',
    'dänä',
    'channel',
    'Here',
    'ME',
    'da\0na',
    'dana\n1',
    '',
  ]
  for (const username of refused) await refuses(world, { username }, 'username')
  for (const [i, username] of ['abc', 'x'.repeat(32), 'D_a.n-9', '007', 'meme'].entries()) {
    await registerUser(world.anonymous(), { ...DANA, username, email: `dana${i}@example.com` })
  }
})

test('an email is one address', async (t) => {
  const world = await testWorld(t)
  const refused = [
    '',
    'dana',
    'dana@',
    '@example.com',
    'da na@example.com',
    'a@b@c.com',
    'dana@example',
    'a..b@example.com',
  ]
  refused.push(
    `${'x'.repeat(65)}@example.com`,
    `dana@${'x.'.repeat(130)}com`,
    'da\0na@example.com',
    'dana@example.com, eve@x.com',
  )
  for (const email of refused) await refuses(world, { email }, 'email')
  for (const [i, email] of ["o'neill+x@mail.example.co.uk", 'jörg@bücher.example', '用户@例子.公司'].entries()) {
    const { user } = await registerUser(world.anonymous(), { ...DANA, username: `dana${i}`, email })
    assert.equal(user.email, email)
  }
})

test('passwords have 8 to 256 characters of any kind', async (t) => {
  const world = await testWorld(t)
  for (const password of ['1234567', '🔑'.repeat(7), 'x'.repeat(257), `half ${'\ud83d'} pair`]) {
    await refuses(world, { password }, 'password')
  }
  for (const [i, password] of ['🔑'.repeat(8), '        ', 'zero \0 byte', 'é'.repeat(256)].entries()) {
    const email = `dana${i}@example.com`
    await registerUser(world.anonymous(), { ...DANA, username: `dana${i}`, email, password })
    await createSession(world.anonymous(), { email, password })
  }
})

test('usernames and emails are taken whatever their case', async (t) => {
  const world = await testWorld(t)
  const username = registerUser(world.anonymous(), { ...DANA, username: 'ADA' })
  await assert.rejects(username, { code: 'username_taken', kind: 'conflict', param: 'username' })
  const email = registerUser(world.anonymous(), { ...DANA, email: 'Ada@Example.COM' })
  await assert.rejects(email, { code: 'email_taken', kind: 'conflict', param: 'email' })
})

test('of ten who register one email at once, one gets it and nine are told', async (t) => {
  const world = await testWorld(t)
  const attempts = Array.from({ length: 10 }, (_, i) =>
    registerUser(world.anonymous(), {
      ...DANA,
      username: `dana${i}`,
      email: i % 2 ? 'dana@example.com' : 'DANA@example.com',
    }),
  )
  const results = await Promise.allSettled(attempts)
  const refusals = results.filter((result) => result.status === 'rejected')
  assert.equal(refusals.length, 9)
  for (const { reason } of refusals) assert.equal(reason.code, 'email_taken')
  const { kysely } = world.runtime.core.database
  const users = await kysely.selectFrom('users').select('id').where('username', 'like', 'dana%').execute()
  assert.equal(users.length, 1)
})

test('what a deleted account had can be used again', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const { kysely } = world.runtime.core.database
  await kysely
    .updateTable('users')
    .set({ deletedAt: new Date().toISOString() })
    .where('id', '=', world.ids.eve)
    .execute()
  await registerUser(world.anonymous(), { username: 'eve', email: 'eve@example.com', password: 'correct horse' })
})

async function refuses(world: TestWorld, wrong: Partial<typeof DANA>, field: string) {
  await assert.rejects(
    registerUser(world.anonymous(), { ...DANA, ...wrong }),
    (error: { code: string; fields: object }) => {
      assert.equal(error.code, 'invalid_request', JSON.stringify(wrong))
      assert.deepEqual(Object.keys(error.fields), [field], JSON.stringify(wrong))
      return true
    },
    JSON.stringify(wrong),
  )
}

async function row(world: TestWorld, userId: string) {
  const { kysely } = world.runtime.core.database
  return kysely.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirstOrThrow()
}

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createAccessTokens } from '../../server/src/platform/crypto/access-tokens.ts'
import { deriveKey } from '../../server/src/platform/crypto/derive-key.ts'
import { call } from '../harness/client.ts'
import { ok, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makePerson } from './team.ts'

const SECRET = 'a secret that only these tests know'
const { url } = await startTestServer({ PARLANCE_SECRET: SECRET, PARLANCE_LIMIT_SIGN_IN_FAILURES: '5' })

const post = (path: string, body?: unknown, token?: string) => call(url, 'POST', path, { body, token })
const whoami = (token: string) => call(url, 'GET', '/users/me', { token })
const FRESH = { username: 'dora', email: 'Dora@Example.com', password: 'correct horse battery' }

test('registering signs in, and keeps the password to itself', async () => {
  const session = await ok(201, post('/register', { ...FRESH, name: '  Dora Ö  ' }))
  const { user, access_token, refresh_token, expires_at, ...rest } = session
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 900 })
  assert.deepEqual([user.username, user.name, user.status], ['dora', 'Dora Ö', 'offline'])
  assert.equal(user.email.toLowerCase(), 'dora@example.com')
  assert.ok(Date.parse(expires_at) > Date.now())
  assert.ok(refresh_token.length > 30)
  assert.doesNotMatch(JSON.stringify(session), /password|battery/)
  assert.deepEqual(await ok(200, whoami(access_token)), user)
})

test('a taken username and a taken email are refused whatever their case', async () => {
  await makePerson(url, 'taken')
  const { username, email, password } = await makePerson(url, 'taken')
  const other = { username: `other-${randomUUID().slice(0, 8)}`, email: `${randomUUID()}@example.com`, password }
  await refused('409 username_taken username', post('/register', { ...other, username: username.toUpperCase() }))
  await refused('409 email_taken email', post('/register', { ...other, email: email.toUpperCase() }))
})

test('of two who register one name at once, one has it', async () => {
  const body = (n: number) => ({ ...FRESH, username: 'twins', email: `twin-${n}@example.com` })
  const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => post('/register', body(n))))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409])
})

test('what a registration must have', async () => {
  await refused('422 invalid_request username email password', post('/register', {}))
  const wrong: [field: string, value: unknown][] = [
    ['username', 'ab'],
    ['username', 'x'.repeat(33)],
    ['username', 'with space'],
    ['username', '-dash'],
    ['username', 'Channel'],
    ['username', 5],
    ['email', 'nobody'],
    ['email', 'a@b'],
    ['email', ['a@example.com']],
    ['password', 'short'],
    ['password', 'x'.repeat(257)],
    ['password', null],
    ['name', 'x'.repeat(101)],
  ]
  for (const [field, value] of wrong) {
    const body = { ...FRESH, username: 'edith', email: 'edith@example.com', [field]: value }
    await refused(`422 invalid_request ${field}`, post('/register', body))
  }
  await refused('401 wrong_credentials', post('/login', { ...FRESH, email: 'edith@example.com' }))
})

test('a password counts to its last character, beyond the 72 bytes of its hash', async () => {
  const long = '🔑'.repeat(64)
  const body = { username: 'longkey', email: 'longkey@example.com', password: `${long}a` }
  await ok(201, post('/register', body))
  await refused('401 wrong_credentials', post('/login', { email: body.email, password: `${long}b` }))
  await ok(200, post('/login', body))
})

test('signing in answers a wrong password and an unknown email alike', async () => {
  const { email, password, id } = await makePerson(url, 'login')
  const session = await ok(200, post('/login', { email: email.toUpperCase(), password }))
  assert.equal(session.user.id, id)
  assert.equal((await ok(200, whoami(session.access_token))).id, id)
  const wrong = await refused('401 wrong_credentials', post('/login', { email, password: 'wrong password' }))
  const unknown = await refused('401 wrong_credentials', post('/login', { email: 'no@example.com', password }))
  assert.deepEqual(wrong.body, unknown.body)
  await refused('422 invalid_request email password', post('/login', {}))
  await refused('422 invalid_request password', post('/login', { email, password: 7 }))
})

test('too many wrong passwords shut the door, the right one too, and not for others', async () => {
  const victim = await makePerson(url, 'victim')
  const guess = () => post('/login', { email: victim.email, password: 'a wrong guess' })
  for (let i = 0; i < 5; i++) await refused('401 wrong_credentials', guess())
  const shut = await refused('429 rate_limited', guess())
  assert.ok(Number(shut.headers.get('retry-after')) > 0)
  await refused('429 rate_limited', post('/login', { email: victim.email, password: victim.password }))
  const other = await makePerson(url, 'neighbour')
  await ok(200, post('/login', { email: other.email, password: other.password }))
})

test('a refresh token works once; a second use ends the whole family', async () => {
  const person = await makePerson(url, 'refresh')
  const second = await ok(200, post('/refresh', { refresh_token: person.refreshToken }))
  assert.notEqual(second.refresh_token, person.refreshToken)
  assert.equal(second.user.id, person.id)
  await ok(200, whoami(second.access_token))

  const elsewhere = await ok(200, post('/login', { email: person.email, password: person.password }))
  await refused('401 invalid_refresh_token', post('/refresh', { refresh_token: person.refreshToken }))
  await refused('401 invalid_refresh_token', post('/refresh', { refresh_token: second.refresh_token }))
  await refused('401 invalid_access_token', whoami(second.access_token))
  await refused('401 invalid_access_token', whoami(person.token))
  await ok(200, whoami(elsewhere.access_token))
})

test('of one refresh token used ten times at once, one use works', async () => {
  const { refreshToken: refresh_token } = await makePerson(url, 'racer')
  const answers = await Promise.all(Array.from({ length: 10 }, () => post('/refresh', { refresh_token })))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status === 401).length, 9)
})

test('refresh tokens of nobody', async () => {
  const { token } = await makePerson(url, 'nobody')
  await refused('401 invalid_refresh_token', post('/refresh', { refresh_token: 'nonsense' }))
  await refused('401 invalid_refresh_token', post('/refresh', { refresh_token: token }))
  await refused('422 invalid_request refresh_token', post('/refresh', {}))
  await refused('422 invalid_request refresh_token', post('/refresh', { refresh_token: { a: 1 } }))
})

test('signing out ends the session, and only that one', async () => {
  const person = await makePerson(url, 'logout')
  const other = await ok(200, post('/login', { email: person.email, password: person.password }))
  await ok(204, post('/logout', undefined, person.token))
  await refused('401 invalid_access_token', whoami(person.token))
  await refused('401 invalid_access_token', post('/logout', undefined, person.token))
  await refused('401 invalid_refresh_token', post('/refresh', { refresh_token: person.refreshToken }))
  await ok(200, whoami(other.access_token))
})

test('a token is asked for, and a forged or expired one refused', async () => {
  const { id, token } = await makePerson(url, 'forger')
  const [head, payload, signature] = token.split('.') as [string, string, string]
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const times = { issuedAt: new Date(Date.now() - 7_200_000).toISOString(), expiresAt: new Date().toISOString() }
  const sign = (secret: string, expiresAt: string) =>
    createAccessTokens(deriveKey(secret, 'access tokens')).sign({
      ...{ id: randomUUID(), userId: id, sessionId: claims.sid },
      ...{ ...times, expiresAt },
    })
  const later = new Date(Date.now() + 60_000).toISOString()

  await ok(200, whoami(sign(SECRET, later)))
  await refused('401 expired_access_token', whoami(sign(SECRET, times.expiresAt)))
  await refused('401 invalid_access_token', whoami(sign('another secret of 32 characters!', later)))
  await refused('401 invalid_access_token', whoami(`${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`))
  await refused('401 invalid_access_token', whoami(`${head}.${encode({ ...claims, sub: randomUUID() })}.${signature}`))
  await refused('401 invalid_access_token', whoami('nonsense'))
  const bare = await refused('401 unauthenticated', call(url, 'GET', '/users/me'))
  assert.equal(bare.headers.get('www-authenticate'), 'Bearer')
  for (const authorization of ['Bearer', 'Bearer ', `Basic ${token}`, token]) {
    await refused('401 unauthenticated', call(url, 'GET', '/users/me', { headers: { authorization } }))
  }
})

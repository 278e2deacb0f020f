import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { testTeamChat } from '../../testing/team-chat.ts'
import { type TestWorldOptions, testWorld } from '../../testing/world.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const DANA = { username: 'dana', email: 'dana@example.com', password: 'correct horse' }

async function open(t: TestContext, options?: TestWorldOptions) {
  const world = await testWorld(t, options)
  world.setNow(NOW)
  const app = await testTeamChat(t, world)
  const post = async (url: string, payload?: object, headers: Record<string, string> = {}) => {
    const reply = await app.inject({ method: 'POST', url, headers, ...(payload && { payload }) })
    return { status: reply.statusCode, body: reply.body === '' ? null : reply.json(), headers: reply.headers }
  }
  const me = async (token: string) => {
    const reply = await app.inject({ url: '/users/me', headers: { authorization: `Bearer ${token}` } })
    return { status: reply.statusCode, body: reply.json(), headers: reply.headers }
  }
  return { ...world, app, post, me }
}

test('register, sign in, refresh and sign out', async (t) => {
  const { post, me } = await open(t)
  const registered = await post('/register/', { ...DANA, name: 'Dana' })
  assert.equal(registered.status, 201)
  const { user, access_token, refresh_token, ...rest } = registered.body
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 900, expires_at: addMs(NOW, 900_000) })
  const { id, ...shown } = user
  assert.deepEqual(shown, {
    username: 'dana',
    name: 'Dana',
    email: 'dana@example.com',
    status: 'offline',
    status_text: null,
    status_expires_at: null,
    created_at: NOW,
    updated_at: NOW,
  })
  assert.deepEqual(await me(access_token).then(({ status, body }) => [status, body]), [200, user])

  const signedIn = await post('/login', { email: DANA.email, password: DANA.password })
  assert.deepEqual([signedIn.status, signedIn.body.user], [200, user])
  const refreshed = await post('/refresh', { refresh_token })
  assert.deepEqual([refreshed.status, refreshed.body.user.id], [200, id])

  const authorization = `Bearer ${refreshed.body.access_token}`
  const out = await post('/logout', undefined, { authorization })
  assert.deepEqual([out.status, out.body], [204, null])
  for (const token of [access_token, refreshed.body.access_token]) {
    const { status, body, headers } = await me(token)
    assert.deepEqual([status, body.error.code, headers['www-authenticate']], [401, 'invalid_access_token', 'Bearer'])
  }
  assert.equal((await me(signedIn.body.access_token)).status, 200)
  assert.equal((await post('/logout', undefined, { authorization })).status, 401)
})

test('what is wrong is said by field and status', async (t) => {
  const { post } = await open(t)
  const fields = ({ status, body }: Awaited<ReturnType<typeof post>>) => [
    status,
    body.error.code,
    Object.keys(body.error.fields ?? {}).sort(),
  ]
  assert.deepEqual(fields(await post('/register', {})), [422, 'invalid_request', ['email', 'password', 'username']])
  assert.deepEqual(fields(await post('/register', { ...DANA, password: 12345678 })), [
    422,
    'invalid_request',
    ['password'],
  ])
  const all = { username: 'd', email: 'd', password: 'd', name: '' }
  assert.deepEqual(fields(await post('/register', all)), [422, 'invalid_request', ['email', 'password', 'username']])
  assert.deepEqual(fields(await post('/register', { ...DANA, username: 'ada' })), [409, 'username_taken', ['username']])
  assert.deepEqual(fields(await post('/register', { ...DANA, email: 'ADA@example.com' })), [
    409,
    'email_taken',
    ['email'],
  ])
  assert.deepEqual(fields(await post('/login', {})), [422, 'invalid_request', ['email', 'password']])
  assert.deepEqual(fields(await post('/refresh', {})), [422, 'invalid_request', ['refresh_token']])
  assert.deepEqual(fields(await post('/refresh', { refresh_token: 'x' })), [401, 'invalid_refresh_token', []])
  assert.equal((await post('/logout')).body.error.code, 'unauthenticated')
})

test('a wrong password and an unknown email are answered byte for byte alike', async (t) => {
  const { app, post } = await open(t)
  await post('/register', DANA)
  const refusal = async (email: string) => {
    const payload = { email, password: 'wrong' }
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/login', payload })
    return `${statusCode} ${body}`
  }
  const wrong = await refusal(DANA.email)
  assert.match(wrong, /^401 .*wrong_credentials/)
  assert.equal(await refusal('nobody@example.com'), wrong)
})

test('too many wrong passwords are told to wait', async (t) => {
  const { post } = await open(t, { limits: { signInFailures: { points: 1, durationS: 900 } } })
  await post('/register', DANA)
  await post('/login', { email: DANA.email, password: 'wrong' })
  const { status, body, headers } = await post('/login', DANA)
  assert.deepEqual([status, body.error.code], [429, 'rate_limited'])
  const waitS = Number(headers['retry-after'])
  assert.ok(waitS > 890 && waitS <= 900, String(waitS))
})

test('with a key a refresh may be repeated, and without one the second ends the session', async (t) => {
  const { post, me } = await open(t)
  const { refresh_token } = (await post('/register', DANA)).body
  const keyed = () => post('/refresh', { refresh_token }, { 'idempotency-key': 'k1' })
  const first = await keyed()
  assert.equal(first.status, 200)
  assert.deepEqual((await keyed()).body, first.body)
  assert.equal((await me(first.body.access_token)).status, 200)
  const again = await post('/refresh', { refresh_token }, { 'idempotency-key': 'k2' })
  assert.deepEqual([again.status, again.body.error.code], [401, 'invalid_refresh_token'])
  assert.equal((await me(first.body.access_token)).status, 401)
})

test('an address with a zone, or none at all, keeps nobody out', async (t) => {
  const { app, runtime } = await open(t)
  for (const [i, remoteAddress] of ['fe80::1%eth0', '192.0.2.7', 'unknown'].entries()) {
    const payload = { ...DANA, username: `dana${i}`, email: `dana${i}@example.com` }
    assert.equal((await app.inject({ method: 'POST', url: '/register', payload, remoteAddress })).statusCode, 201)
  }
  const { kysely } = runtime.core.database
  const made = kysely.selectFrom('sessions').select('address').where('createdAt', '=', NOW).orderBy('id')
  assert.deepEqual(
    (await made.execute()).map(({ address }) => address),
    ['fe80::1', '192.0.2.7', null],
  )
})

test('an expired token is told to be refreshed', async (t) => {
  const { post, me, setNow } = await open(t)
  const { access_token } = (await post('/register', DANA)).body
  setNow(addMs(NOW, 900_000))
  assert.equal((await me(access_token)).body.error.code, 'expired_access_token')
})

test('tickets are given under both paths, to who is signed in', async (t) => {
  const { post } = await open(t)
  for (const url of ['/ws/tickets', '/v1/ws/tickets/']) {
    const { status, body } = await post(url, undefined, { authorization: 'Bearer ada' })
    assert.deepEqual([status, body.expires_at, typeof body.ticket], [201, addMs(NOW, 30_000), 'string'])
    assert.equal((await post(url)).status, 401)
  }
})

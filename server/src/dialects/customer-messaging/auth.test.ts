import assert from 'node:assert/strict'
import { test } from 'node:test'
import { revokeToken } from '../../core/clients/revoke-token.ts'
import { clientHeaders, testClientApi } from '../../testing/client-api.ts'
import { asSystem, createTestClient } from '../../testing/clients.ts'
import { testWorld } from '../../testing/world.ts'

const url = '/api/v1/customers'

test('a client’s server is known by its token and public key, live and test apart', async (t) => {
  const { runtime } = await testWorld(t)
  const app = await testClientApi(t, runtime)
  const acme = await createTestClient(runtime)
  const live = (await app.inject({ url, headers: clientHeaders(acme) })).json()
  assert.equal(live.workspaceId, acme.client.liveWorkspaceId)
  const { isLive, workspaceId, address } = (await app.inject({ url, headers: clientHeaders(acme, 'test') })).json()
  assert.deepEqual([isLive, workspaceId, address], [false, acme.client.testWorkspaceId, '127.0.0.1'])
})

test('each way to be nobody is a 401 with its own message, before the path or the body is looked at', async (t) => {
  const { runtime, setNow } = await testWorld(t)
  setNow('2026-03-01T12:00:00.000Z')
  const app = await testClientApi(t, runtime)
  const acme = await createTestClient(runtime, { allowedIps: ['192.0.2.0/24'], expiresAt: '2026-03-01T13:00:00.000Z' })
  const right = clientHeaders(acme)
  const cases: [Record<string, string>, string, string][] = [
    [{}, 'missing_authorization', 'Unauthorized - Missing or invalid Authorization header'],
    [
      { ...right, authorization: `Basic ${acme.live.token}` },
      'missing_authorization',
      'Unauthorized - Missing or invalid Authorization header',
    ],
    [{ ...right, 'x-public-key': ' ' }, 'missing_public_key', 'Unauthorized - Missing X-Public-Key header'],
    [{ authorization: right.authorization }, 'missing_public_key', 'Unauthorized - Missing X-Public-Key header'],
    [{ ...right, 'x-public-key': 'pk_unknown' }, 'unknown_public_key', 'Unauthorized - Invalid public key'],
    [
      { ...right, authorization: `Bearer ${acme.test.token}` },
      'invalid_client_token',
      'Unauthorized - Invalid token for this client',
    ],
    [{ ...right, origin: 'https://evil.example' }, 'origin_not_allowed', 'Unauthorized - Invalid origin domain'],
    [right, 'address_not_allowed', 'Unauthorized - IP address not allowed'],
  ]
  for (const [headers, code, message] of cases) {
    for (const request of [{ url: `${url}/none` }, { url, method: 'POST' as const, payload: {} }]) {
      const answer = await app.inject({ ...request, headers })
      assert.equal(answer.statusCode, 401)
      assert.deepEqual(answer.json(), { error: { type: 'authentication_error', code, message } })
      assert.equal(answer.headers['www-authenticate'], 'Bearer')
    }
  }
  setNow('2026-03-01T13:00:00.000Z')
  const late = await app.inject({ url, headers: right })
  assert.equal(late.json().error.message, 'Unauthorized - Token expired')
  await revokeToken(asSystem(runtime), { clientId: acme.client.id, token: acme.live.id })
  const revoked = await app.inject({ url, headers: right })
  assert.equal(revoked.json().error.message, 'Unauthorized - Invalid token for this client')
})

test('an address that a caller claims counts only behind a trusted proxy', async (t) => {
  const { runtime } = await testWorld(t)
  const acme = await createTestClient(runtime, { allowedIps: ['192.0.2.7'] })
  const headers = { ...clientHeaders(acme), 'x-forwarded-for': '192.0.2.7' }
  const direct = await testClientApi(t, runtime)
  assert.equal((await direct.inject({ url, headers })).statusCode, 401)
  const proxied = await testClientApi(t, runtime, { env: { PARLANCE_TRUSTED_PROXIES: '127.0.0.1' } })
  assert.equal((await proxied.inject({ url, headers })).statusCode, 200)
})

test('a public route asks for nothing', async (t) => {
  const { runtime } = await testWorld(t)
  const app = await testClientApi(t, runtime)
  assert.deepEqual((await app.inject({ url: '/api/v1/tokens' })).json(), { isKnown: false })
})

test('pages of a client’s site may call and read, whatever the server’s own origins are', async (t) => {
  const { runtime } = await testWorld(t)
  const app = await testClientApi(t, runtime)
  const acme = await createTestClient(runtime)
  const origin = 'https://shop.acme.example'
  const asks = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-public-key' }
  const asked = await app.inject({ method: 'OPTIONS', url: `${url}?limit=1`, headers: asks })
  assert.equal(asked.statusCode, 204)
  assert.equal(asked.headers['access-control-allow-origin'], origin)
  assert.equal(
    asked.headers['access-control-allow-headers'],
    'Authorization, X-Public-Key, Content-Type, Idempotency-Key',
  )
  assert.equal(asked.headers['access-control-allow-credentials'], undefined)
  const answer = await app.inject({ url, headers: { ...clientHeaders(acme), origin } })
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['access-control-allow-origin'], origin)
  // A page can read why it was refused.
  const refused = await app.inject({ url, headers: { ...clientHeaders(acme), origin: 'https://evil.example' } })
  assert.equal(refused.statusCode, 401)
  assert.equal(refused.headers['access-control-allow-origin'], 'https://evil.example')
  for (const other of ['/api/v1/conversations', '/api/v1/customersx', '/login', '/x/api/v1/customers']) {
    const { headers } = await app.inject({ method: 'OPTIONS', url: other, headers: asks })
    assert.equal(headers['access-control-allow-origin'], undefined, other)
  }
})

test('reads and writes are limited apart, for each client and mode, and a limit says when to come back', async (t) => {
  const limits = { clientReads: { points: 2, durationS: 60 }, clientWrites: { points: 1, durationS: 60 } }
  const { runtime } = await testWorld(t, { limits })
  const app = await testClientApi(t, runtime)
  const acme = await createTestClient(runtime)
  const read = (mode: 'live' | 'test' = 'live') => app.inject({ url, headers: clientHeaders(acme, mode) })
  const first = await read()
  assert.deepEqual([first.headers['x-ratelimit-limit'], first.headers['x-ratelimit-remaining']], ['2', '1'])
  await read()
  const refused = await read()
  assert.equal(refused.statusCode, 429)
  assert.equal(refused.json().error.type, 'rate_limit_error')
  assert.equal(refused.headers['x-ratelimit-remaining'], '0')
  assert.ok(Number(refused.headers['retry-after']) > 0)
  assert.equal((await read('test')).statusCode, 200)
  const payload = { name: 'Ada', email: 'ada@example.com' }
  const write = () => app.inject({ method: 'POST', url, payload, headers: clientHeaders(acme) })
  assert.equal((await write()).statusCode, 200)
  assert.equal((await write()).statusCode, 429)
})

test('a flood of wrong tokens is told to wait, and the client behind the same address is not', async (t) => {
  const { runtime } = await testWorld(t, { limits: { clientAuthFailures: { points: 2, durationS: 60 } } })
  const app = await testClientApi(t, runtime)
  const acme = await createTestClient(runtime)
  const guess = () => app.inject({ url, headers: { ...clientHeaders(acme), authorization: 'Bearer sk_live_guess' } })
  const statuses = [await guess(), await guess(), await guess()].map(({ statusCode }) => statusCode)
  assert.deepEqual(statuses, [401, 401, 429])
  assert.ok(Number((await guess()).headers['retry-after']) > 0)
  assert.equal((await app.inject({ url, headers: clientHeaders(acme) })).statusCode, 200)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../harness/client.ts'
import { eventually } from '../harness/eventually.ts'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makeCaller, makeCompany, makeCustomer, refused, runJson } from './company.ts'

const server = await startTestServer({ PARLANCE_TRUSTED_PROXIES: '127.0.0.1' })

const MESSAGES = {
  missing_authorization: 'Unauthorized - Missing or invalid Authorization header',
  missing_public_key: 'Unauthorized - Missing X-Public-Key header',
  unknown_public_key: 'Unauthorized - Invalid public key',
  invalid_client_token: 'Unauthorized - Invalid token for this client',
  expired_client_token: 'Unauthorized - Token expired',
  origin_not_allowed: 'Unauthorized - Invalid origin domain',
  address_not_allowed: 'Unauthorized - IP address not allowed',
}

type Headers = Record<string, string | undefined>

/** What a call with these headers is told: `ok`, or the code of a 401 whose message is the right one. */
async function told(
  headers: Headers,
  path = '/api/v1/customers/00000000-0000-4000-8000-000000000000',
): Promise<string> {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >
  const { status, body } = await call(server.url, 'GET', path, { headers: given })
  if (status === 404) return 'ok'
  assert.deepEqual([status, Object.keys(body)], [401, ['error']])
  const { type, code, message } = body.error
  assert.equal(type, 'authentication_error')
  assert.equal(message, MESSAGES[code as keyof typeof MESSAGES])
  return code
}

test('each failure has its message, and they are looked for in their order', async () => {
  const flags = ['--allow-ip', '203.0.113.0/24']
  const { live, test: testKeys } = await makeCompany(server, ...flags)
  const other = (await makeCompany(server)).live
  const right = {
    authorization: `Bearer ${live.token}`,
    'x-public-key': live.publicKey,
    origin: `https://${live.domain}`,
    'x-forwarded-for': '203.0.113.9',
  }
  assert.equal(await told(right), 'ok')
  // Each with all that comes after it wrong too.
  const wrong = { origin: 'https://evil.example', 'x-forwarded-for': '198.51.100.1' }
  const cases: [string, Headers][] = [
    ['missing_authorization', { ...wrong }],
    ['missing_authorization', { ...wrong, authorization: `Basic ${live.token}`, 'x-public-key': 'x' }],
    ['missing_authorization', { ...wrong, authorization: live.token, 'x-public-key': live.publicKey }],
    ['missing_public_key', { ...wrong, authorization: 'Bearer nonsense' }],
    ['unknown_public_key', { ...wrong, authorization: 'Bearer nonsense', 'x-public-key': 'pk_nonsense' }],
    ['unknown_public_key', { ...right, 'x-public-key': 'x'.repeat(5_000) }],
    ['invalid_client_token', { ...right, ...wrong, authorization: 'Bearer nonsense' }],
    ['invalid_client_token', { ...right, ...wrong, authorization: `Bearer ${other.token}` }],
    ['invalid_client_token', { ...right, authorization: `Bearer ${testKeys.token}` }],
    ['invalid_client_token', { ...right, 'x-public-key': testKeys.publicKey }],
    ['invalid_client_token', { ...right, 'x-public-key': other.publicKey }],
    ['origin_not_allowed', { ...right, ...wrong }],
    ['address_not_allowed', { ...right, 'x-forwarded-for': '198.51.100.1' }],
  ]
  for (const [code, headers] of cases) assert.equal(await told(headers), code, JSON.stringify(headers))
})

test('a page of the client’s domain or its subdomains may call, whatever its scheme and port', async () => {
  const { live } = await makeCompany(server)
  const from = (origin: string) =>
    told({ authorization: `Bearer ${live.token}`, 'x-public-key': live.publicKey, origin })
  const { domain } = live
  for (const origin of [
    `https://${domain}`,
    `http://${domain}:8080`,
    `https://app.${domain}`,
    `https://a.b.${domain}`,
    domain,
    `https://${domain.toUpperCase()}`,
  ]) {
    assert.equal(await from(origin), 'ok', origin)
  }
  for (const origin of [
    'null',
    'https://evil.example',
    `https://evil${domain}`,
    `https://${domain}.evil.example`,
    `https://${domain}@evil.example`,
    'file://',
    '',
    `https://x/${domain}`,
  ]) {
    assert.equal(await from(origin), 'origin_not_allowed', origin)
  }
})

test('allowed subdomains narrow where pages may call from', async () => {
  const { live } = await makeCompany(server, '--allow-subdomain', 'app', '--allow-subdomain', 'shop')
  const from = (origin: string) =>
    told({ authorization: `Bearer ${live.token}`, 'x-public-key': live.publicKey, origin })
  for (const name of ['', 'app.', 'shop.']) assert.equal(await from(`https://${name}${live.domain}`), 'ok')
  for (const name of ['api.', 'x.app.', 'eu.'])
    assert.equal(await from(`https://${name}${live.domain}`), 'origin_not_allowed')
})

test('allowed addresses are those that trusted proxies tell, of both versions', async () => {
  const flags = ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32'].flatMap((ip) => ['--allow-ip', ip])
  const { live } = await makeCompany(server, ...flags)
  const from = (address: string) =>
    told({ authorization: `Bearer ${live.token}`, 'x-public-key': live.publicKey, 'x-forwarded-for': address })
  for (const address of ['203.0.113.7', '198.51.100.200', '2001:db8::1', '::ffff:203.0.113.7']) {
    assert.equal(await from(address), 'ok', address)
  }
  // What a caller makes up stands before what the proxy saw.
  for (const address of ['203.0.113.8', '198.51.101.1', '2001:db9::1', '203.0.113.7, 192.0.2.1', 'nonsense']) {
    assert.equal(await from(address), 'address_not_allowed', address)
  }
})

test('live and test data are apart, and say which they are', async () => {
  const { live, test: testKeys } = await makeCompany(server)
  const [real, trial] = [await makeCustomer(live), await makeCustomer(testKeys)]
  assert.deepEqual([real.livemode, trial.livemode], [true, false])
  await refused('404 resource_missing', testKeys.get(`/customers/${real.id}`))
  await refused('404 resource_missing', live.get(`/customers/${trial.id}`))
  assert.deepEqual((await ok(200, testKeys.get('/customers'))).data, [trial])
  const same = await ok(201, testKeys.post('/customers', { name: 'Carol', email: real.email }))
  assert.notEqual(same.id, real.id)
})

test('a token that expires, is rotated or is revoked stops working', async () => {
  const { live, made } = await makeCompany(server)
  const works = async (token: string) => told({ authorization: `Bearer ${token}`, 'x-public-key': live.publicKey })
  const second = await runJson(server, ['client', 'rotate', made.id, '--expires', '1s'])
  assert.deepEqual([await works(live.token), second.livemode], ['ok', true])
  await eventually(async () => assert.equal(await works(second.token), 'expired_client_token'))
  const third = await runJson(server, ['client', 'rotate', live.publicKey, '--overlap', '0'])
  await eventually(async () => assert.equal(await works(live.token), 'expired_client_token'))
  assert.equal(await works(third.token), 'ok')
  await runJson(server, ['client', 'revoke', made.id, '--token', third.token.slice(-4)])
  await eventually(async () => assert.equal(await works(third.token), 'invalid_client_token'))
  const fourth = await runJson(server, ['client', 'rotate', made.id])
  await eventually(async () => assert.equal(await works(fourth.token), 'ok'))
  await runJson(server, ['client', 'revoke', made.id])
  await eventually(async () => assert.equal(await works(fourth.token), 'unknown_public_key'))
  const { code, err } = await server.command(['client', 'rotate', made.id])
  assert.deepEqual([code, err], [1, 'The client is revoked, for good: make a new one.\n'])
})

test('a client sees itself, and no other', async () => {
  const { live, test: testKeys, made } = await makeCompany(server)
  const other = await makeCompany(server)
  const own = await ok(200, live.get(`/client/${made.id}`))
  const { created, ...rest } = own
  assert.ok(created > 0)
  assert.deepEqual(rest, {
    object: 'client',
    id: made.id,
    uuid: made.id,
    name: 'Acme',
    domain: live.domain,
    public_key: live.publicKey,
    allowed_ips: null,
    allowed_subdomains: null,
    livemode: true,
  })
  assert.equal((await ok(200, testKeys.get(`/client/${made.id}`))).public_key, testKeys.publicKey)
  for (const id of [other.made.id, 'nonsense', '00000000-0000-4000-8000-000000000000']) {
    await refused('404 resource_missing', live.get(`/client/${id}`))
  }
})

test('what fails to authenticate is limited by address, and holds up nobody who does not fail', async () => {
  const limited = await startTestServer({ PARLANCE_LIMIT_CLIENT_AUTH_FAILURES: '3' })
  const { made } = await makeCompany(limited)
  const caller = makeCaller(limited.url, made)
  const wrong = makeCaller(limited.url, { ...made, token: 'nonsense' })
  for (let i = 0; i < 3; i++) await refused('401 invalid_client_token', wrong.get('/customers'))
  const { status, body, headers } = await wrong.get('/customers')
  assert.deepEqual([status, body.error.type], [429, 'rate_limit_error'])
  assert.ok(Number(headers.get('retry-after')) > 0)
  await ok(200, caller.get('/customers'))
})

test('reads and writes are limited apart, each client by itself', async () => {
  const limits = { PARLANCE_LIMIT_CLIENT_READS: '3', PARLANCE_LIMIT_CLIENT_WRITES: '2' }
  const limited = await startTestServer(limits)
  const [one, two] = [await makeCompany(limited), await makeCompany(limited)]
  for (let i = 0; i < 3; i++) {
    const { headers } = await one.live.get('/customers')
    assert.deepEqual([headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')], ['3', String(2 - i)])
  }
  const refusal = await one.live.get('/customers')
  assert.deepEqual([refusal.status, refusal.body.error.type], [429, 'rate_limit_error'])
  assert.ok(Number(refusal.headers.get('retry-after')) > 0)
  await makeCustomer(one.live)
  await ok(200, one.test.get('/customers'))
  await ok(200, two.live.get('/customers'))
})

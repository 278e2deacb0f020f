import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitUntil } from '../../platform/embedded-postgres/postmaster.ts'
import type { Runtime } from '../../runtime.ts'
import { asSystem, createTestClient } from '../../testing/clients.ts'
import { testWorld } from '../../testing/world.ts'
import { authenticateClient, type ClientAttempt } from './authenticate-client.ts'
import { createPublicKey } from './keys.ts'
import { revokeClient } from './revoke-client.ts'
import { revokeToken } from './revoke-token.ts'
import { rotateToken } from './rotate-token.ts'
import { updateClient } from './update-client.ts'

const ADDRESS = '192.0.2.1'

/** Which workspace the attempt opens, or why it is refused. */
async function outcomeOf({ core }: Runtime, attempt: Partial<ClientAttempt>): Promise<string> {
  const whole = { token: 'none', publicKey: 'none', origin: undefined, address: ADDRESS, ...attempt }
  return authenticateClient(core, whole).then(
    ({ workspaceId }) => workspaceId,
    ({ code }: { code: string }) => code,
  )
}

test('live and test keys open workspaces of their own, and a token is good for its own key only', async (t) => {
  const { runtime } = await testWorld(t)
  const acme = await createTestClient(runtime)
  const other = await createTestClient(runtime)
  const { livePublicKey, testPublicKey } = acme.client
  const actor = await authenticateClient(runtime.core, {
    token: acme.test.token,
    publicKey: testPublicKey,
    origin: undefined,
    address: ADDRESS,
  })
  assert.deepEqual(actor, {
    kind: 'client',
    id: acme.client.id,
    workspaceId: acme.client.testWorkspaceId,
    isLive: false,
    address: ADDRESS,
  })
  const cases: [string, string, string][] = [
    [acme.live.token, livePublicKey, acme.client.liveWorkspaceId],
    [acme.live.token, testPublicKey, 'invalid_client_token'],
    [acme.test.token, livePublicKey, 'invalid_client_token'],
    [other.live.token, livePublicKey, 'invalid_client_token'],
    [acme.live.token, createPublicKey(), 'unknown_public_key'],
    [acme.live.token, livePublicKey.toLowerCase(), 'unknown_public_key'],
    [acme.live.token, acme.client.id, 'unknown_public_key'],
    [acme.live.token, `id ${acme.client.id}`, 'unknown_public_key'],
    [acme.live.token, '', 'unknown_public_key'],
    ['', livePublicKey, 'invalid_client_token'],
  ]
  for (const [token, publicKey, expected] of cases) {
    assert.equal(await outcomeOf(runtime, { token, publicKey }), expected)
  }
})

test('of several things that are wrong, the first in order is the answer', async (t) => {
  const { runtime, setNow } = await testWorld(t)
  setNow('2026-03-01T12:00:00.000Z')
  const { client, live } = await createTestClient(runtime, {
    allowedIps: ['198.51.100.0/24'],
    expiresAt: '2026-03-01T13:00:00.000Z',
  })
  const wrong = {
    token: 'sk_live_wrong',
    publicKey: createPublicKey(),
    origin: 'https://evil.example',
    address: '192.0.2.1',
  }
  setNow('2026-03-01T13:00:00.000Z')
  assert.equal(await outcomeOf(runtime, wrong), 'unknown_public_key')
  const known = { ...wrong, publicKey: client.livePublicKey }
  assert.equal(await outcomeOf(runtime, known), 'invalid_client_token')
  assert.equal(await outcomeOf(runtime, { ...known, token: live.token }), 'expired_client_token')
  setNow('2026-03-01T12:59:59.999Z')
  assert.equal(await outcomeOf(runtime, { ...known, token: live.token }), 'origin_not_allowed')
  assert.equal(await outcomeOf(runtime, { ...known, token: live.token, origin: undefined }), 'address_not_allowed')
  const right = { ...known, token: live.token, origin: 'https://acme.example', address: '198.51.100.7' }
  assert.equal(await outcomeOf(runtime, right), client.liveWorkspaceId)
  await revokeClient(asSystem(runtime), client.id)
  assert.equal(await outcomeOf(runtime, right), 'unknown_public_key')
})

test('pages of the domain and its subdomains may call, whatever their scheme and port; all others may not', async (t) => {
  const { runtime } = await testWorld(t)
  const open = await tryOrigins(runtime, {})
  const allowed = [
    'https://acme.example',
    'http://acme.example:8080',
    'https://a.b.acme.example',
    'HTTPS://App.Acme.Example',
    // As some servers write it.
    'acme.example',
  ]
  const refused = [
    'null',
    '',
    'https://evil-acme.example',
    'https://acme.example.evil.example',
    'https://acme.example@evil.example',
    'https://evil.example/acme.example',
    'https://acme.example/path',
    'https://acme.example, https://evil.example',
    'https://.acme.example.',
    'https://[::1]',
    'https://example',
  ]
  for (const origin of allowed) assert.equal(await open(origin), true, origin)
  for (const origin of refused) assert.equal(await open(origin), false, origin)
  const narrow = await tryOrigins(runtime, { allowedSubdomains: ['app', 'eu.shop.acme.example'] })
  for (const host of ['acme.example', 'app.acme.example', 'eu.shop.acme.example'])
    assert.equal(await narrow(`https://${host}`), true, host)
  for (const host of ['x.app.acme.example', 'shop.acme.example', 'eu.acme.example'])
    assert.equal(await narrow(`https://${host}`), false, host)
})

async function tryOrigins(runtime: Runtime, input: { allowedSubdomains?: string[] }) {
  const { client, live } = await createTestClient(runtime, input)
  return async (origin: string) => {
    const outcome = await outcomeOf(runtime, { token: live.token, publicKey: client.livePublicKey, origin })
    if (outcome !== client.liveWorkspaceId) assert.equal(outcome, 'origin_not_allowed')
    return outcome === client.liveWorkspaceId
  }
}

test('calls come from the addresses that the client names, however they are written', async (t) => {
  const { runtime } = await testWorld(t)
  const { client, live } = await createTestClient(runtime, {
    allowedIps: ['192.0.2.7', '198.51.100.9/24', '2001:db8::/32', '203.0.113.0/24'],
  })
  const isAllowed = async (address: string | null) =>
    (await outcomeOf(runtime, { token: live.token, publicKey: client.livePublicKey, address })) ===
    client.liveWorkspaceId
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '198.51.100.200', '2001:DB8::5', '203.0.113.1']) {
    assert.equal(await isAllowed(address), true, address)
  }
  for (const address of ['192.0.2.8', '::ffff:192.0.2.8', '198.51.101.1', '2001:db9::1', null, 'unknown']) {
    assert.equal(await isAllowed(address), false, String(address))
  }
})

test('a rotated token works on through its overlap, a revoked one stops at once', async (t) => {
  const { runtime, setNow } = await testWorld(t)
  const system = asSystem(runtime)
  setNow('2026-03-01T12:00:00.000Z')
  const { client, live } = await createTestClient(runtime)
  const outcome = (token: string) => outcomeOf(runtime, { token, publicKey: client.livePublicKey })
  const newer = await rotateToken(system, { clientId: client.id, isLive: true, overlapMs: 3_600_000 })
  for (const { token } of [live, newer]) assert.equal(await outcome(token), client.liveWorkspaceId)
  setNow('2026-03-01T13:00:00.000Z')
  assert.equal(await outcome(live.token), 'expired_client_token')
  await revokeToken(system, { clientId: client.id, token: newer.id })
  assert.equal(await outcome(newer.token), 'invalid_client_token')
})

test('a known client costs no query, also with a wrong token', async (t) => {
  const { runtime } = await testWorld(t)
  const { client, live } = await createTestClient(runtime)
  const queries = watchQueries(runtime)
  const right = { token: live.token, publicKey: client.livePublicKey }
  await Promise.all(Array.from({ length: 20 }, () => outcomeOf(runtime, right)))
  assert.equal(queries.count(), 1)
  const before = queries.count()
  for (const token of [live.token, 'wrong', 'sk_live_x']) await outcomeOf(runtime, { ...right, token })
  await outcomeOf(runtime, { token: 'sk_test_x', publicKey: client.testPublicKey })
  assert.equal(queries.count(), before)
})

test('a flood of guesses is told to wait without a query, and the client at the same address calls on', async (t) => {
  const limits = { clientAuthFailures: { points: 3, durationS: 60 } }
  const { runtime, openNode } = await testWorld(t, { limits })
  const { client, live } = await createTestClient(runtime)
  // A node that has never seen the client call, as after a restart.
  const node = await openNode()
  const queries = watchQueries(node)
  const guess = () => outcomeOf(node, { publicKey: createPublicKey() })
  assert.deepEqual([await guess(), await guess(), await guess()], Array(3).fill('unknown_public_key'))
  assert.equal(queries.count(), 3)
  for (let i = 0; i < 5; i++) assert.equal(await guess(), 'rate_limited')
  assert.equal(queries.count(), 3)
  const right = { token: live.token, publicKey: client.livePublicKey }
  assert.equal(await outcomeOf(node, right), client.liveWorkspaceId)
  assert.equal(await outcomeOf(node, { ...right, token: 'guess' }), 'rate_limited')
  assert.equal(await outcomeOf(node, right), client.liveWorkspaceId)
  assert.equal(await outcomeOf(node, { ...right, token: 'guess', address: '192.0.2.2' }), 'invalid_client_token')
  // One that was made meanwhile, on another node, calls too.
  const newcomer = await createTestClient(runtime)
  await node.tail.caughtUp()
  const attempt = { token: newcomer.test.token, publicKey: newcomer.client.testPublicKey }
  assert.equal(await outcomeOf(node, attempt), newcomer.client.testWorkspaceId)
})

test('what one node revokes or changes, another refuses a moment later', async (t) => {
  const { runtime, openNode } = await testWorld(t)
  const system = asSystem(runtime)
  const node = await openNode()
  const { client, live, test } = await createTestClient(runtime)
  const clientId = client.id
  const page = { token: live.token, publicKey: client.livePublicKey, origin: 'https://acme.example' }
  const server = { token: test.token, publicKey: client.testPublicKey }
  const becomes = async (attempt: Partial<ClientAttempt>, expected: string) =>
    assert.ok(await waitUntil(async () => (await outcomeOf(node, attempt)) === expected, 10_000), expected)
  await becomes(page, client.liveWorkspaceId)
  await updateClient(system, { clientId, domain: 'moved.example' })
  await becomes(page, 'origin_not_allowed')
  await updateClient(system, { clientId, domain: 'acme.example' })
  await becomes(page, client.liveWorkspaceId)
  await revokeToken(system, { clientId, token: live.id })
  await becomes(page, 'invalid_client_token')
  await becomes(server, client.testWorkspaceId)
  await revokeClient(system, clientId)
  await becomes(server, 'unknown_public_key')
})

test('when a token was last used is written for many at once, and never goes back', async (t) => {
  const { runtime, setNow } = await testWorld(t)
  const { kysely } = runtime.core.database
  const { tokenUses } = runtime.core.ports
  setNow('2026-03-01T12:00:00.000Z')
  const one = await createTestClient(runtime)
  const two = await createTestClient(runtime)
  const use = ({ client, live }: typeof one) =>
    outcomeOf(runtime, { token: live.token, publicKey: client.livePublicKey })
  const lastUses = async () => {
    const rows = await kysely.selectFrom('clientTokens').select(['id', 'lastUsedAt']).execute()
    const byId = new Map(rows.map(({ id, lastUsedAt }) => [id, lastUsedAt]))
    return [one.live, one.test, two.live, two.test].map(({ id }) => byId.get(id))
  }
  const queries = watchQueries(runtime)
  for (const client of [one, two, one]) await use(client)
  await tokenUses.write()
  assert.equal(queries.count(), 3)
  assert.deepEqual(await lastUses(), ['2026-03-01T12:00:00.000Z', null, '2026-03-01T12:00:00.000Z', null])
  setNow('2026-03-01T11:00:00.000Z')
  await use(one)
  await tokenUses.write()
  assert.equal((await lastUses())[0], '2026-03-01T12:00:00.000Z')
})

/** Counts how often the node asks its database for an operation. */
function watchQueries({ core }: Runtime) {
  let count = 0
  core.database.pool.on('acquire', () => count++)
  return { count: () => count }
}

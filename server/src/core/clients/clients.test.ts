import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asSystem, createTestClient } from '../../testing/clients.ts'
import { testWorld } from '../../testing/world.ts'
import { createContext } from '../context.ts'
import { hashToken } from '../sessions/random-token.ts'
import { createWebhookEndpoint } from '../webhooks/create-webhook-endpoint.ts'
import { sendTestEvent } from '../webhooks/send-test-event.ts'
import { createClient } from './create-client.ts'
import { getClient } from './get-client.ts'
import { listClients } from './list-clients.ts'
import { revokeClient } from './revoke-client.ts'
import { revokeToken } from './revoke-token.ts'
import { rotateToken } from './rotate-token.ts'
import { updateClient } from './update-client.ts'

const NOBODY = '01980000-0000-7000-8000-000000000000'

test('a client has two workspaces, two public keys, and two tokens of which only the hashes are kept', async (t) => {
  const { runtime } = await testWorld(t)
  const { kysely } = runtime.core.database
  const { client, live, test } = await createTestClient(runtime, { name: '  Acme & Söhne ' })
  assert.equal(client.name, 'Acme & Söhne')
  for (const key of [client.livePublicKey, client.testPublicKey]) assert.match(key, /^pk_[A-Za-z0-9]{32}$/)
  assert.notEqual(client.livePublicKey, client.testPublicKey)
  assert.match(live.token, /^sk_live_[\w-]{43}$/)
  assert.match(test.token, /^sk_test_[\w-]{43}$/)
  const workspaces = await kysely.selectFrom('workspaces').selectAll().where('createdBy', 'is', null).execute()
  assert.deepEqual(workspaces.map(({ id }) => id).sort(), [client.liveWorkspaceId, client.testWorkspaceId].sort())
  for (const { domain } of workspaces) assert.match(domain, /^acme-sohne(-test)?-[0-9a-f]{12}$/)
  const kept = await kysely.selectFrom('clientTokens').selectAll().orderBy('id').execute()
  assert.deepEqual(
    kept.map(({ tokenHash, hint }) => [tokenHash.toString('hex'), hint]),
    [live, test].map(({ token }) => [hashToken(token).toString('hex'), token.slice(-4)]),
  )
})

test('what is wrong with a client is said of every field at once', async (t) => {
  const { runtime, events } = await testWorld(t)
  const attempt = createClient(asSystem(runtime), {
    name: ' ',
    domain: 'https://acme.example/',
    allowedIps: ['192.0.2.1', '192.0.2.0/33', 'fe80::1%eth0', 'here'],
    allowedSubdomains: ['app', 'app.other.example', ''],
    expiresAt: '2020-01-01T00:00:00.000Z',
  })
  await assert.rejects(attempt, (error: { code: string; fields: Record<string, string[]> }) => {
    const wrong = ['allowed_ips.1', 'allowed_ips.2', 'allowed_ips.3', 'allowed_subdomains.1', 'allowed_subdomains.2']
    assert.equal(error.code, 'invalid_request')
    assert.deepEqual(Object.keys(error.fields).sort(), [...wrong, 'domain', 'name'].sort())
    return true
  })
  assert.deepEqual(await events(), [])
})

test('a domain is a host name in ASCII and lower case, and nothing else', async (t) => {
  const { runtime } = await testWorld(t)
  const domainOf = async (domain: string) => (await createTestClient(runtime, { domain })).client.domain
  assert.equal(await domainOf(' Shop.ACME.example '), 'shop.acme.example')
  assert.equal(await domainOf('Böhm.example'), 'xn--bhm-sna.example')
  assert.equal(await domainOf('localhost'), 'localhost')
  const wrong = [
    '',
    'acme.example:443',
    'acme.example/x',
    '192.0.2.1',
    '[::1]',
    '*.acme.example',
    'a b',
    '-a.example',
    '.',
  ]
  for (const domain of wrong) {
    await assert.rejects(domainOf(domain), { code: 'invalid_request' }, `${JSON.stringify(domain)} was taken`)
  }
})

test('lists are kept as they were given, once each, and at most a hundred', async (t) => {
  const { runtime } = await testWorld(t)
  const { client } = await createTestClient(runtime, {
    allowedIps: ['2001:DB8::/32', '192.0.2.7', '192.0.2.7', '::ffff:192.0.2.8'],
    allowedSubdomains: ['App', 'eu.shop.acme.example'],
  })
  assert.deepEqual(client.allowedIps, ['2001:db8::/32', '192.0.2.7', '192.0.2.8'])
  assert.deepEqual(client.allowedSubdomains, ['app', 'eu.shop.acme.example'])
  const allowedIps = Array.from({ length: 101 }, (_, i) => `192.0.2.${i}`)
  await assert.rejects(createTestClient(runtime, { allowedIps }), { code: 'invalid_request' })
})

test('a client is found by its id and by both public keys, and is listed in pages', async (t) => {
  const { runtime } = await testWorld(t)
  const system = asSystem(runtime)
  const ids: string[] = []
  for (const name of ['One', 'Two', 'Three']) ids.push((await createTestClient(runtime, { name })).client.id)
  const { client, tokens } = await getClient(system, ids[1]!)
  assert.equal(tokens.length, 2)
  for (const key of [client.livePublicKey, client.testPublicKey]) {
    assert.equal((await getClient(system, key)).client.id, client.id)
  }
  for (const unknown of [NOBODY, 'pk_no', ''])
    await assert.rejects(getClient(system, unknown), { code: 'client_not_found' })
  const first = await listClients(system, { limit: 2 })
  const second = await listClients(system, { limit: 2, cursor: first.nextCursor })
  assert.deepEqual(
    [...first.rows, ...second.rows].map(({ id }) => id),
    ids,
  )
  assert.equal(second.nextCursor, null)
})

test('a rotation gives the older tokens of that mode a day, or as long as it says', async (t) => {
  const { runtime, setNow } = await testWorld(t)
  const system = asSystem(runtime)
  setNow('2026-03-01T12:00:00.000Z')
  const { client, live, test } = await createTestClient(runtime)
  const endsOf = async () => {
    const { tokens } = await getClient(system, client.id)
    return new Map(tokens.map(({ id, expiresAt }) => [id, expiresAt]))
  }
  const second = await rotateToken(system, { clientId: client.id, isLive: true })
  assert.equal((await endsOf()).get(live.id), '2026-03-02T12:00:00.000Z')
  const third = await rotateToken(system, {
    clientId: client.id,
    isLive: true,
    overlapMs: 0,
    expiresAt: '2027-01-01T00:00:00.000Z',
  })
  assert.deepEqual(
    await endsOf(),
    new Map([
      [third.id, '2027-01-01T00:00:00.000Z'],
      [second.id, '2026-03-01T12:00:00.000Z'],
      [test.id, null],
      [live.id, '2026-03-01T12:00:00.000Z'],
    ]),
  )
})

test('an overlap never makes a token live longer, and only so many work at once', async (t) => {
  const { runtime, setNow } = await testWorld(t)
  const system = asSystem(runtime)
  setNow('2026-03-01T12:00:00.000Z')
  const { client, test } = await createTestClient(runtime, { expiresAt: '2026-03-01T13:00:00.000Z' })
  const rotate = (overlapMs: number) => rotateToken(system, { clientId: client.id, isLive: false, overlapMs })
  for (let i = 0; i < 19; i++) await rotate(86_400_000)
  const { tokens } = await getClient(system, client.id)
  assert.equal(tokens.find(({ id }) => id === test.id)?.expiresAt, '2026-03-01T13:00:00.000Z')
  await assert.rejects(rotate(86_400_000), { code: 'too_many_client_tokens' })
  await rotate(0)
  await rotate(86_400_000)
})

test('one token is revoked by its id or by its last characters, and a revoked client is so for good', async (t) => {
  const { runtime } = await testWorld(t)
  const system = asSystem(runtime)
  const { client, live, test } = await createTestClient(runtime)
  const { client: other } = await createTestClient(runtime)
  const clientId = client.id
  await assert.rejects(revokeToken(system, { clientId: other.id, token: live.id }), { code: 'client_token_not_found' })
  assert.equal((await revokeToken(system, { clientId, token: live.id })).id, live.id)
  await assert.rejects(revokeToken(system, { clientId, token: live.id }), { code: 'client_token_not_found' })
  assert.equal((await revokeToken(system, { clientId, token: test.hint })).id, test.id)
  const newer = await rotateToken(system, { clientId, isLive: true })
  assert.equal((await revokeToken(system, { clientId, token: newer.token })).id, newer.id)
  assert.notEqual((await revokeClient(system, clientId)).revokedAt, null)
  for (const attempt of [
    () => revokeClient(system, clientId),
    () => rotateToken(system, { clientId, isLive: true }),
    () => updateClient(system, { clientId, name: 'New' }),
    () => revokeToken(system, { clientId, token: live.id }),
  ]) {
    await assert.rejects(attempt, { code: 'client_revoked' })
  }
  await assert.rejects(revokeClient(system, NOBODY), { code: 'client_not_found' })
})

test('with a client its webhooks end: what is pending is cancelled', async (t) => {
  const { runtime } = await testWorld(t)
  const { client } = await createTestClient(runtime)
  const other = (await createTestClient(runtime, { domain: 'other.example' })).client
  const url = 'https://example.com/hooks'
  const asBackendOf = ({ id, liveWorkspaceId: workspaceId }: typeof client) =>
    createContext(runtime.core, { kind: 'client', id, workspaceId, isLive: true, address: null })
  const { endpoint } = await createWebhookEndpoint(asBackendOf(client), { url })
  const others = await createWebhookEndpoint(asBackendOf(other), { url })
  await sendTestEvent(asBackendOf(client), { endpointId: endpoint.id })
  await revokeClient(asSystem(runtime), client.id)
  const { kysely } = runtime.core.database
  const endpoints = await kysely.selectFrom('webhookEndpoints').select(['id', 'disabledReason']).orderBy('id').execute()
  assert.deepEqual(endpoints, [
    { id: endpoint.id, disabledReason: 'client_revoked' },
    { id: others.endpoint.id, disabledReason: null },
  ])
  const deliveries = await kysely.selectFrom('webhookDeliveries').select('status').execute()
  assert.deepEqual(deliveries, [{ status: 'cancelled' }])
})

test('a hint that two tokens share revokes neither', async (t) => {
  const { runtime } = await testWorld(t)
  const { client } = await createTestClient(runtime)
  await runtime.core.database.kysely.updateTable('clientTokens').set({ hint: 'same' }).execute()
  const attempt = revokeToken(asSystem(runtime), { clientId: client.id, token: 'same' })
  await assert.rejects(attempt, { code: 'client_token_ambiguous' })
})

test('an update changes what it names; subdomains must be under the new domain too', async (t) => {
  const { runtime, events } = await testWorld(t)
  const system = asSystem(runtime)
  const { client } = await createTestClient(runtime, {
    allowedIps: ['192.0.2.1'],
    allowedSubdomains: ['app.acme.example'],
  })
  const clientId = client.id
  await assert.rejects(updateClient(system, { clientId, domain: 'new.example' }), { code: 'invalid_request' })
  const updated = await updateClient(system, {
    clientId,
    domain: 'new.example',
    allowedSubdomains: ['app'],
    allowedIps: [],
  })
  assert.deepEqual(
    [updated.name, updated.domain, updated.allowedIps, updated.allowedSubdomains],
    ['Acme', 'new.example', null, ['app']],
  )
  const before = (await events()).length
  await updateClient(system, { clientId, name: 'Acme' })
  assert.equal((await events()).length, before)
})

test('every privileged act is in the audit trail and in the log, without a token or its hash', async (t) => {
  const { runtime, events } = await testWorld(t)
  const system = asSystem(runtime)
  const { client, live, test } = await createTestClient(runtime)
  const clientId = client.id
  const newer = await rotateToken(system, { clientId, isLive: true })
  await revokeToken(system, { clientId, token: newer.id })
  await updateClient(system, { clientId, name: 'Apex' })
  await revokeClient(system, clientId)
  const entries = await runtime.core.database.kysely.selectFrom('auditEntries').selectAll().orderBy('id').execute()
  assert.deepEqual(
    entries.map(({ action, actorKind, actorId, targetId }) => [action, actorKind, actorId, targetId]),
    ['create', 'rotate_token', 'revoke_token', 'update', 'revoke'].map((verb) => [
      `client.${verb}`,
      'system',
      null,
      clientId,
    ]),
  )
  const log = await events()
  assert.deepEqual(
    log.map(({ type }) => type),
    ['client.created', ...Array(4).fill('client.updated')],
  )
  const written = JSON.stringify([entries, log])
  for (const { token } of [live, test, newer]) {
    for (const secret of [token, hashToken(token).toString('hex'), hashToken(token).toString('base64')]) {
      assert.equal(written.includes(secret), false)
    }
  }
})

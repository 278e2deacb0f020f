import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { authenticateClient } from '../core/clients/authenticate-client.ts'
import { waitUntil } from '../platform/embedded-postgres/postmaster.ts'
import { createTestDatabase } from '../testing/database.ts'
import { testWorld } from '../testing/world.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const run = promisify(execFile)
const NOBODY = '01980000-0000-7000-8000-000000000000'

async function parlance(env: Record<string, string>, args: string[]) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLANCE_'))
  const options = { env: { ...Object.fromEntries(inherited), ...env } }
  return run(process.execPath, [MAIN, 'client', ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

test('a client that the command makes is known to a running server, and forgotten when it is revoked', async (t) => {
  const { runtime, databaseUrl } = await testWorld(t)
  const command = async (...args: string[]) => {
    const { code, stdout, stderr } = await parlance({ PARLANCE_DATABASE_URL: databaseUrl }, [...args, '--json'])
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }
  const flags = [
    '--domain',
    'Acme.example',
    '--allow-ip',
    '192.0.2.0/24',
    '--allow-ip',
    '::1',
    '--allow-subdomain',
    'app',
  ]
  const made = await command('create', '--name', 'Acme', ...flags, '--expires', '2099-01-31')
  assert.deepEqual(
    [made.name, made.domain, made.allowed_ips, made.allowed_subdomains, made.expires_at, made.test.expires_at],
    ['Acme', 'acme.example', ['192.0.2.0/24', '::1'], ['app'], '2099-01-31T00:00:00.000Z', '2099-01-31T00:00:00.000Z'],
  )
  assert.ok(Date.parse(made.created_at))
  const outcome = (keys: { token: string; public_key: string }) =>
    authenticateClient(runtime.core, {
      token: keys.token,
      publicKey: keys.public_key,
      origin: undefined,
      address: '::1',
    }).then(
      ({ isLive }) => isLive,
      ({ code }) => code,
    )
  const becomes = async (keys: { token: string; public_key: string }, expected: unknown) =>
    assert.ok(await waitUntil(async () => (await outcome(keys)) === expected, 10_000), String(expected))
  assert.equal(await outcome(made), true)
  assert.equal(await outcome(made.test), false)

  const rotated = await command('rotate', made.test.public_key, '--overlap', '0')
  assert.deepEqual([rotated.livemode, rotated.public_key], [false, made.test.public_key])
  await becomes(made.test, 'expired_client_token')
  await becomes(rotated, false)
  await command('revoke', made.id, '--token', rotated.token_id)
  await becomes(rotated, 'invalid_client_token')
  await command('update', made.public_key, '--allow-ip', '198.51.100.1', '--allow-any-subdomain')
  await becomes(made, 'address_not_allowed')
  await command('update', made.id, '--allow-any-ip')
  await becomes(made, true)

  const shown = await command('show', made.id)
  assert.deepEqual([shown.allowed_ips, shown.allowed_subdomains], [null, null])
  assert.deepEqual(
    shown.tokens.map(({ livemode, hint }: { livemode: boolean; hint: string }) => [livemode, hint]),
    [
      [false, made.test.token.slice(-4)],
      [true, made.token.slice(-4)],
    ],
  )
  assert.doesNotMatch(JSON.stringify(shown), /sk_/)
  await command('revoke', made.id)
  await becomes(made, 'unknown_public_key')
  const { data } = await command('list')
  assert.deepEqual([data.length, data[0].id, data[0].revoked_at !== null], [1, made.id, true])
})

test('people are shown the keys once, and a line to try them with', async (t) => {
  const { databaseUrl } = await testWorld(t)
  const env = { PARLANCE_DATABASE_URL: databaseUrl, PARLANCE_PUBLIC_URL: 'https://chat.example/' }
  const { stdout } = await parlance(env, ['create', '--name', 'Acme', '--domain', 'acme.example'])
  const [, token] = /test .*\n +token +(sk_test_\S+)/.exec(stdout)!
  const [, publicKey] = /test +public key +(pk_\S+)/.exec(stdout)!
  const line = `  curl 'https://chat.example/api/v1/customers' -H 'Authorization: Bearer ${token}' -H 'X-Public-Key: ${publicKey}'`
  assert.equal(stdout.trimEnd().split('\n').at(-1), line)
  for (const args of [['list'], ['show', publicKey!]]) {
    const shown = await parlance(env, args)
    assert.match(shown.stdout, /Acme/)
    assert.doesNotMatch(shown.stdout, /sk_/)
  }
})

test('wrong words are one sentence and exit code 2, before the database is asked', async () => {
  const create = ['create', '--name', 'Acme', '--domain', 'acme.example']
  const cases: [string[], RegExp][] = [
    [[], /^Say what to do: create, list, show, update, rotate, revoke\.$/],
    [['dance'], /^There is no action "dance" of client: .*\.$/],
    [['create', '--name', 'Acme'], /^Say --domain: .*\.$/],
    [[...create, '--color', 'red'], /^Unknown option '--color': .*\.$/],
    [[...create, 'more'], /^"more" is one word too many: .*\.$/],
    [[...create, '--overlap', '1h'], /^Unknown option '--overlap': .*\.$/],
    [[...create, '--expires', 'soon'], /^--expires must be a time such as 90d, .*"soon"\.$/],
    [[...create, '--expires', '2020-01-01'], /^--expires must be in the future, .*\.$/],
    [['show'], /^Say which client, .*\.$/],
    [['update', NOBODY], /^Say what to change: .*\.$/],
    [['update', NOBODY, '--allow-ip', '::1', '--allow-any-ip'], /^--allow-ip and --allow-any-ip exclude each other\.$/],
    [['rotate', NOBODY, '--overlap', '3'], /^--overlap must be a time .*\.$/],
  ]
  // Nothing listens there.
  const env = { PARLANCE_DATABASE_URL: 'postgres://parlance@127.0.0.1:1/parlance' }
  for (const [args, sentence] of cases) {
    const { code, stdout, stderr } = await parlance(env, args)
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.match(stderr.trim(), sentence)
  }
})

test('what cannot be done is one sentence and exit code 1, or 2 where a flag is to blame', async (t) => {
  const { databaseUrl } = await testWorld(t)
  const env = { PARLANCE_DATABASE_URL: databaseUrl }
  const cases: [string[], number, RegExp][] = [
    [
      ['create', '--name', ' ', '--domain', 'http://acme.example', '--allow-ip', 'x'],
      2,
      /^--name .*; --domain .*; --allow-ip .*\.$/,
    ],
    [['show', NOBODY], 1, /^No such client\.$/],
    [['revoke', 'pk_none'], 1, /^No such client\.$/],
  ]
  for (const [args, expected, sentence] of cases) {
    const { code, stderr } = await parlance(env, args)
    assert.equal(code, expected)
    assert.match(stderr.trim(), sentence)
  }
  const away = await parlance({ PARLANCE_DATABASE_URL: 'postgres://parlance@127.0.0.1:1/parlance' }, ['list'])
  assert.equal(away.code, 1)
  assert.match(away.stderr.trim(), /^PostgreSQL does not answer .*\.$/)
})

test('a database of another version is refused and left as it is', async (t) => {
  const { url, drop } = await createTestDatabase()
  t.after(drop)
  const { Client } = (await import('pg')).default
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('delete from schema_migrations where version > 1')
  await client.end()
  const { code, stderr } = await parlance({ PARLANCE_DATABASE_URL: url }, ['list'])
  assert.equal(code, 1)
  assert.match(stderr.trim(), /^The database has schema version 1 .*\.$/)
})

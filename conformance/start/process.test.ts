import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findPostmaster, isAlive, waitUntil } from '../../server/src/platform/embedded-postgres/postmaster.ts'
import { createTestDatabase } from '../../server/src/testing/database.ts'
import { makeTestFolder } from '../../server/src/testing/postgres-holder.ts'
import { findFreePort } from './clone.ts'

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))
const PATIENCE_MS = 60_000

test('two signals at once are one: the server drains, PostgreSQL ends, the exit code is 0', async (t) => {
  const server = await startServer(t)
  const postgres = await findPostmaster(join(server.dataDir, 'postgres'))
  server.child.kill('SIGINT')
  server.child.kill('SIGINT')
  assert.equal(await server.exit, 0)
  assert.equal(isAlive(postgres!.pid), false)
  assert.equal(server.errors(), '')
})

test('a second Ctrl-C does not wait for a request that never ends, and PostgreSQL ends all the same', async (t) => {
  const server = await startServer(t)
  const postgres = await findPostmaster(join(server.dataDir, 'postgres'))
  const stuck = connect(server.port, '127.0.0.1')
  stuck.on('error', () => {})
  // The answer to `Expect` shows that the request has begun.
  stuck.write(
    [
      'POST /login HTTP/1.1',
      'Host: parlance',
      'Content-Type: application/json',
      'Content-Length: 99',
      'Expect: 100-continue',
      '\r\n',
    ].join('\r\n'),
  )
  await once(stuck, 'data')
  const hasEnded = () => server.child.exitCode !== null
  const interrupt = () => {
    server.child.kill('SIGINT')
    return hasEnded()
  }
  assert.equal(await waitUntil(interrupt, PATIENCE_MS), true)
  assert.equal(await server.exit, 130)
  assert.equal(await waitUntil(() => !isAlive(postgres!.pid), PATIENCE_MS), true)
})

test('a signal in the middle of a first start ends it cleanly', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const server = run(t, ['start'], { PARLANCE_DATA_DIR: dataDir, PARLANCE_PORT: String(await findFreePort()) })
  const hasBegun = () =>
    access(join(dataDir, 'parlance.json')).then(
      () => true,
      () => false,
    )
  assert.equal(await waitUntil(hasBegun, PATIENCE_MS), true)
  server.child.kill('SIGINT')
  assert.equal(await server.exit, 0)
  assert.equal(server.errors(), '')
  assert.equal(await findPostmaster(join(dataDir, 'postgres')), undefined)
})

test('a database in the environment is used instead of one in the data folder', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const database = await createTestDatabase()
  const server = await startServer(t, { PARLANCE_DATA_DIR: dataDir, PARLANCE_DATABASE_URL: database.url })
  await assert.rejects(access(join(dataDir, 'postgres')), { code: 'ENOENT' })
  server.child.kill('SIGTERM')
  assert.equal(await server.exit, 0)
  await database.drop()
})

test('what is wrong with the settings is one sentence', async (t) => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['start'], { PARLANCE_PORT: 'many' }, /^PARLANCE_PORT .*\.$/],
    [
      ['start'],
      { PARLANCE_HOST: '203.0.113.1' },
      /^203\.0\.113\.1 is not an address of this machine: .*PARLANCE_HOST.*\.$/,
    ],
    [['serve'], {}, /^PARLANCE_DATABASE_URL is not set: .*\.$/],
    [['start'], { PARLANCE_DATABASE_URL: 'postgres://x@127.0.0.1:1/x' }, /^PostgreSQL does not answer .*\.$/],
  ]
  const { dataDir } = await makeTestFolder(t)
  for (const [args, env, sentence] of cases) {
    const server = run(t, args, { PARLANCE_DATA_DIR: dataDir, PARLANCE_PORT: String(await findFreePort()), ...env })
    assert.equal(await server.exit, 1)
    assert.match(server.errors().trim(), sentence)
  }
})

interface Run {
  child: ChildProcess
  exit: Promise<number | null>
  output(): string
  errors(): string
}

async function startServer(t: TestContext, env: Record<string, string> = {}) {
  const { dataDir } = await makeTestFolder(t)
  const port = await findFreePort()
  const server = run(t, ['start'], { PARLANCE_DATA_DIR: dataDir, PARLANCE_PORT: String(port), ...env })
  const isReady = () => server.output().includes('Parlance is running at') || server.child.exitCode !== null
  assert.equal(await waitUntil(isReady, PATIENCE_MS), true)
  assert.equal(server.child.exitCode, null, server.errors())
  return { ...server, dataDir, port }
}

function run(t: TestContext, args: string[], env: Record<string, string>): Run {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PARLANCE_|npm_)/.test(name))
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...Object.fromEntries(kept), PARLANCE_LOG_LEVEL: 'error', PARLANCE_SEED: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const exit = once(child, 'close').then(([code]): number | null => code)
  return { child, exit, output: () => output, errors: () => errors }
}

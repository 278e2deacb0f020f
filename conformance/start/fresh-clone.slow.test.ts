import assert from 'node:assert/strict'
import { access, mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startEmbeddedPostgres } from '../../server/src/platform/embedded-postgres/embedded-postgres.ts'
import { getPostgresUser, isRoot } from '../../server/src/platform/embedded-postgres/os-user.ts'
import { isAlive, waitUntil } from '../../server/src/platform/embedded-postgres/postmaster.ts'
import { query } from '../../server/src/testing/postgres-holder.ts'
import { call, type Person, signUp } from '../harness/client.ts'
import { type Account, type Clone, cloneRepository, findFreePort, findProcesses } from './clone.ts'

const END_MS = 30_000

test('the two commands on a fresh clone, as whoever runs the tests', (t) => tellTheStory(t))

test(
  'the two commands on a fresh clone, as an ordinary user',
  { skip: !isRoot() && 'only root can become one' },
  async (t) => tellTheStory(t, await getPostgresUser()),
)

// One clone for all, because installing takes longest; each part begins and ends with a stopped server.
async function tellTheStory(t: TestContext, account?: Account): Promise<void> {
  const clone = await cloneRepository(t, account)
  let ada!: Person

  await t.test('npm start installs, makes the data and serves; Ctrl-C stops it and PostgreSQL', async () => {
    const server = await clone.start()
    // What the person's own npm settings make npm say is not ours.
    assert.doesNotMatch(server.output(), /npm (warn (?!Unknown \w+ config)|error)|\n\s+at /i)
    assert.match(server.output(), new RegExp(`Parlance is running at ${clone.url}`))
    ada = await signUp(clone.url, 'ada')
    await stopByCtrlC(clone, server)
  })

  await t.test('the next start installs nothing and finds everything', async () => {
    const server = await clone.start()
    assert.doesNotMatch(server.output(), /Installing/)
    await requireSignIn(clone, ada)
    await stopByCtrlC(clone, server)
  })

  await t.test('a second server on the same data is refused while the first goes on', async () => {
    const server = await clone.start()
    await requireRefusal(
      clone,
      { PARLANCE_PORT: String(await findFreePort()) },
      /^Another Parlance server is running on .*\.$/,
    )
    await requireSignIn(clone, ada)
    await stopByCtrlC(clone, server)
  })

  await t.test('a port in use is named before anything is made', async () => {
    const other = createServer().listen(clone.port, '127.0.0.1')
    const dataDir = join(clone.folder, 'not made')
    await requireRefusal(
      clone,
      { PARLANCE_DATA_DIR: dataDir },
      new RegExp(`^Port ${clone.port} on 127\\.0\\.0\\.1 is in use by another program: .*PARLANCE_PORT.*\\.$`),
    )
    await assert.rejects(access(dataDir), { code: 'ENOENT' })
    await new Promise((resolve) => other.close(resolve))
  })

  await t.test('a folder of somebody else is refused and stays as it is', async () => {
    const dataDir = join(clone.folder, 'theirs')
    await mkdir(dataDir)
    await writeFile(join(dataDir, 'thesis.txt'), 'mine')
    await requireRefusal(
      clone,
      { PARLANCE_DATA_DIR: dataDir },
      /\/theirs holds other files and no Parlance data: .*\.$/,
    )
    assert.deepEqual(await readdir(dataDir), ['thesis.txt'])
  })

  await t.test('after kill -9 of the server the next start takes over its PostgreSQL', async () => {
    const server = await clone.start()
    const { parlance, postgres } = await findProcesses(clone)
    process.kill(parlance, 'SIGKILL')
    await server.exit
    assert.equal(isAlive(postgres), true)
    const next = await clone.start()
    assert.equal((await findProcesses(clone)).postgres, postgres)
    await requireSignIn(clone, ada)
    await stopByCtrlC(clone, next, postgres)
  })

  await t.test('after kill -9 of both the next start recovers', async () => {
    const server = await clone.start()
    const { parlance, postgres } = await findProcesses(clone)
    process.kill(parlance, 'SIGKILL')
    process.kill(postgres, 'SIGKILL')
    await server.exit
    const next = await clone.start()
    await requireSignIn(clone, ada)
    await stopByCtrlC(clone, next)
  })

  await t.test('a database with a newer schema is refused and stays as it is', async () => {
    await onDatabase(clone, "insert into schema_migrations (version, name) values (9999, '9999_from_the_future.sql')")
    await requireRefusal(clone, {}, /^The database has schema version 9999, .*\.$/)
    await onDatabase(clone, 'delete from schema_migrations where version = 9999')
    const server = await clone.start()
    await requireSignIn(clone, ada)
    await stopByCtrlC(clone, server)
  })

  await t.test('npm test works with no step before it', async () => {
    const tests = clone.npm(['test', '--', 'server/src/http/byte-range.test.ts'])
    assert.equal(await tests.exit, 0, tests.output())
    assert.match(tests.output(), /^# fail 0$/m)
  })
}

async function stopByCtrlC(clone: Clone, server: Awaited<ReturnType<Clone['start']>>, pid?: number): Promise<void> {
  const postgres = pid ?? (await findProcesses(clone)).postgres
  server.interrupt()
  await server.exit
  // npm may be gone a moment before the server has finished.
  assert.equal(await waitUntil(() => !isAlive(postgres), END_MS), true, 'PostgreSQL is still there')
  await assert.rejects(fetch(clone.url))
  assert.doesNotMatch(server.output(), /\n\s+at /)
}

async function requireSignIn(clone: Clone, { email, password }: Person): Promise<void> {
  const answer = await call(clone.url, 'POST', '/login', { body: { email, password } })
  assert.equal(answer.status, 200)
}

async function requireRefusal(clone: Clone, env: Record<string, string>, sentence: RegExp): Promise<void> {
  const server = clone.npm(['start', '--silent'], env)
  assert.equal(await server.exit, 1)
  assert.match(server.output().trim(), sentence)
}

async function onDatabase(clone: Clone, sql: string): Promise<void> {
  const postgres = await startEmbeddedPostgres({ dataDir: clone.dataDir })
  await query(postgres.url, sql)
  await postgres.stop()
}

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { killPostgres, makeTestFolder, query, spawnHolder, startHolder } from '../../testing/postgres-holder.ts'
import { getPostgresUser, isRoot } from './os-user.ts'
import { findPostmaster, isAlive, waitUntil } from './postmaster.ts'

const WRITE = "create table kept as select 'ada' as name"
const READ = 'select name from kept'
const KEPT = [{ name: 'ada' }]
const PATIENCE_MS = 30_000

test('a PostgreSQL left running by a killed server is taken over, and the old sessions end', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const killed = await startHolder(dataDir)
  await query(killed.url, WRITE)
  const before = await findPostmaster(join(dataDir, 'postgres'))
  const straggler = new pg.Client({ connectionString: killed.url })
  const errors: string[] = []
  straggler.on('error', (error) => errors.push(error.message))
  await straggler.connect()
  await killed.kill()

  const next = await startHolder(dataDir)
  assert.equal((await findPostmaster(join(dataDir, 'postgres')))?.pid, before?.pid)
  assert.deepEqual(await query(next.url, READ), KEPT)
  assert.equal(await waitUntil(() => errors.length > 0, PATIENCE_MS), true)
  assert.match(errors[0]!, /terminating connection due to administrator command/)
  await next.stop()
  assert.equal(isAlive(before!.pid), false)
})

test('a left-over PostgreSQL with other settings is ended and started anew', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const killed = await startHolder(dataDir)
  await query(killed.url, WRITE)
  const before = await findPostmaster(join(dataDir, 'postgres'))
  // What a session's default is here, a new session of an older Parlance's server would say.
  await query(killed.url, 'alter role parlance set parlance.launch = older')
  await killed.kill()

  const next = await startHolder(dataDir)
  assert.notEqual((await findPostmaster(join(dataDir, 'postgres')))?.pid, before?.pid)
  assert.equal(isAlive(before!.pid), false)
  assert.deepEqual(await query(next.url, READ), KEPT)
  await next.stop()
})

test('after both are killed the next start recovers', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const killed = await startHolder(dataDir)
  await query(killed.url, WRITE)
  await Promise.all([killed.kill(), killPostgres(join(dataDir, 'postgres'))])

  const next = await startHolder(dataDir)
  assert.deepEqual(await query(next.url, READ), KEPT)
  await next.stop()
})

test('after the server and only the first process of PostgreSQL are killed the next start recovers', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const killed = await startHolder(dataDir)
  await query(killed.url, WRITE)
  const busy = new pg.Client({ connectionString: killed.url })
  busy.on('error', () => {})
  await busy.connect()
  // A session in the middle of a statement does not see that its parent is gone.
  const endless = busy.query('select pg_sleep(600)').catch(() => undefined)
  const postmaster = await findPostmaster(join(dataDir, 'postgres'))
  await killed.kill()
  process.kill(postmaster!.pid, 'SIGKILL')

  const next = await startHolder(dataDir)
  assert.deepEqual(await query(next.url, READ), KEPT)
  await endless
  await next.stop()
})

test('a killed PostgreSQL is started again under a running server, at the same address', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const holder = await startHolder(dataDir)
  await query(holder.url, WRITE)
  const killed = await killPostgres(join(dataDir, 'postgres'))
  const isBack = () =>
    query(holder.url, READ).then(
      (rows) => rows.length === 1,
      () => false,
    )
  assert.equal(await waitUntil(isBack, PATIENCE_MS), true)
  const now = await findPostmaster(join(dataDir, 'postgres'))
  assert.notEqual(now?.pid, killed)
  await holder.stop()
  assert.equal(isAlive(now!.pid), false)
})

test('a stale postmaster.pid whose number another program has now does not stop a start', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const cluster = join(dataDir, 'postgres')
  const killed = await startHolder(dataDir)
  await query(killed.url, WRITE)
  const stale = await readFile(join(cluster, 'postmaster.pid'), 'utf8')
  await killed.stop()
  // Of the same account, or PostgreSQL would see by itself that it is not one of its own.
  const stranger = spawn('sleep', ['600'], { ...(isRoot() ? await getPostgresUser() : undefined), stdio: 'ignore' })
  t.after(() => stranger.kill())
  await once(stranger, 'spawn')
  await writeFile(join(cluster, 'postmaster.pid'), stale.replace(/^\d+/, String(stranger.pid)))

  const next = await startHolder(dataDir)
  assert.deepEqual(await query(next.url, READ), KEPT)
  await next.stop()
  assert.equal(isAlive(stranger.pid!), true)
})

test('a first start that was killed half-way is made good by the next one', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const killed = spawnHolder(dataDir)
  const hasBegun = async () => (await readdir(dataDir).catch(() => [])).some((name) => name.startsWith('postgres.new-'))
  assert.equal(await waitUntil(hasBegun, PATIENCE_MS), true)
  killed.kill('SIGKILL')
  await once(killed, 'exit')

  const next = await startHolder(dataDir)
  await query(next.url, WRITE)
  assert.deepEqual(
    (await readdir(dataDir)).filter((name) => name.startsWith('postgres.new-')),
    [],
  )
  await next.stop()
})

test('a socket folder that somebody cleared away is no obstacle after a crash', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const killed = await startHolder(dataDir)
  await query(killed.url, WRITE)
  const before = await findPostmaster(join(dataDir, 'postgres'))
  await killed.kill()
  await rm(before!.endpoint.host, { recursive: true })

  const next = await startHolder(dataDir)
  assert.equal(isAlive(before!.pid), false)
  assert.deepEqual(await query(next.url, READ), KEPT)
  await next.stop()
})

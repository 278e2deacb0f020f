import assert from 'node:assert/strict'
import { access, chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { endLeftovers, makeTestFolder, query, startHolder } from '../../testing/postgres-holder.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { findBarrier, getPostgresUser, isRoot } from './os-user.ts'
import { findPostmaster, isAlive } from './postmaster.ts'

const NEEDS_ROOT = !isRoot() && 'only root can run this'

test('a first start makes a durable database, and the next one finds what was written', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const first = await startEmbeddedPostgres({ dataDir })
  const [settings] = await query(
    first.url,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
       current_setting('TimeZone') as zone, current_setting('listen_addresses') as addresses, current_database() as name`,
  )
  assert.deepEqual(settings, { fsync: 'on', commit: 'on', zone: 'UTC', addresses: '', name: 'parlance' })
  await query(first.url, "create table kept as select 'ada' as name")
  await first.stop()

  const second = await startEmbeddedPostgres({ dataDir })
  assert.deepEqual(await query(second.url, 'select * from kept'), [{ name: 'ada' }])
  await second.stop()
})

test('stop waits until PostgreSQL has ended and leaves nothing behind but the data', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const postgres = await startEmbeddedPostgres({ dataDir })
  const { pid, endpoint } = (await findPostmaster(join(dataDir, 'postgres')))!
  await postgres.stop()
  assert.equal(isAlive(pid), false)
  await assert.rejects(access(endpoint.host), { code: 'ENOENT' })
  assert.equal(await findPostmaster(join(dataDir, 'postgres')), undefined)
})

test('only the generated password opens the database, and only its owner reads it', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const postgres = await startEmbeddedPostgres({ dataDir })
  const wrong = new URL(postgres.url)
  wrong.password = 'guessed'
  await assert.rejects(query(wrong.href, 'select 1'), { code: '28P01' })
  assert.equal((await stat(join(dataDir, 'postgres.password'))).mode & 0o777, 0o600)
  await postgres.stop()
})

test('a folder with spaces, quotes and a path too long for a socket works', async (t) => {
  const { folder, atEnd } = await makeTestFolder(t)
  const dataDir = join(folder, 'Ada, Bob & Cy’s "team" folder', 'x'.repeat(120), 'data')
  atEnd(() => endLeftovers(dataDir))
  const postgres = await startEmbeddedPostgres({ dataDir })
  assert.deepEqual(await query(postgres.url, 'select 1 as one'), [{ one: 1 }])
  await postgres.stop()
})

test('a cluster of another major version is left alone', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  await (await startEmbeddedPostgres({ dataDir })).stop()
  const versionFile = join(dataDir, 'postgres', 'PG_VERSION')
  const version = await readFile(versionFile, 'utf8')
  await writeFile(versionFile, '12\n')
  await assert.rejects(startEmbeddedPostgres({ dataDir }), {
    name: 'StartError',
    message: /made by PostgreSQL 12 and this Parlance brings PostgreSQL \d+: /,
  })
  await writeFile(versionFile, version)
  await (await startEmbeddedPostgres({ dataDir })).stop()
})

test('root keeps the database elsewhere when its account cannot enter the data folder', {
  skip: NEEDS_ROOT,
}, async (t) => {
  const { folder, atEnd } = await makeTestFolder(t)
  const closed = join(folder, 'closed')
  await mkdir(closed, { mode: 0o700 })
  const dataDir = join(closed, 'data')
  atEnd(() => endLeftovers(dataDir))

  const first = await startHolder(dataDir)
  assert.equal(first.lines.length, 1)
  assert.match(first.lines[0]!, /cannot enter .*\/closed: the database is kept in \/var\/lib\/parlance\/[0-9a-f]+\.$/)
  await query(first.url, "create table kept as select 'ada' as name")
  await first.stop()
  assert.equal((await stat(closed)).mode & 0o777, 0o700)

  const second = await startHolder(dataDir)
  assert.deepEqual(second.lines, [])
  assert.deepEqual(await query(second.url, 'select * from kept'), [{ name: 'ada' }])
  await assert.rejects(startHolder(dataDir), { message: /^Another Parlance server is running on / })
  await second.stop()
})

test('a copy of a data folder whose database is elsewhere does not share it', { skip: NEEDS_ROOT }, async (t) => {
  const { folder } = await makeTestFolder(t)
  await chmod(folder, 0o700)
  const dataDir = join(folder, 'data')
  const original = await startHolder(dataDir)
  const copy = join(folder, 'copy')
  await mkdir(copy)
  for (const name of ['parlance.json', 'postgres.location', 'postgres.password']) {
    await writeFile(join(copy, name), await readFile(join(dataDir, name)))
  }
  await assert.rejects(startHolder(copy), { message: /^Another Parlance server is running on \/var\/lib\/parlance\// })
  await original.stop()
})

test('an ordinary user runs it as themselves', { skip: NEEDS_ROOT }, async (t) => {
  const user = await getPostgresUser()
  const barrier = await findBarrier(dirname(fileURLToPath(import.meta.url)), user)
  if (barrier) return t.skip(`other users cannot enter ${barrier}`)
  const { dataDir } = await makeTestFolder(t, user)
  const postgres = await startHolder(dataDir, user)
  assert.deepEqual(await query(postgres.url, 'select 1 as one'), [{ one: 1 }])
  await postgres.stop()
  assert.equal((await stat(join(dataDir, 'postgres.password'))).uid, user.uid)

  // Root continues as the cluster's owner, since PostgreSQL runs as nobody else.
  const asRoot = await startHolder(dataDir)
  assert.deepEqual(await query(asRoot.url, 'select 1 as one'), [{ one: 1 }])
  await asRoot.stop()
})

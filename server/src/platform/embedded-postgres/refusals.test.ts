import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endLeftovers, makeTestFolder, query, startHolder } from '../../testing/postgres-holder.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { findBarrier, getPostgresUser, isRoot } from './os-user.ts'

const run = promisify(execFile)

test('a second server on the same data folder is refused, and may start when the first is gone', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const first = await startHolder(dataDir)
  await assert.rejects(startHolder(dataDir), {
    message: `Another Parlance server is running on ${dataDir}: stop it first, or set PARLANCE_DATA_DIR to another folder.`,
  })
  assert.deepEqual(await query(first.url, 'select 1 as one'), [{ one: 1 }])
  await first.stop()
  await (await startHolder(dataDir)).stop()
})

test('of two first starts at the same moment one is refused and the other works', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  const outcomes = await Promise.allSettled([startHolder(dataDir), startHolder(dataDir)])
  const running = outcomes.find((outcome) => outcome.status === 'fulfilled')
  const refused = outcomes.find((outcome) => outcome.status === 'rejected')
  assert.match(String(refused?.reason), /Another Parlance server is running on /)
  assert.deepEqual(await query(running!.value.url, 'select 1 as one'), [{ one: 1 }])
  await running!.value.stop()
})

test('a folder with the files of somebody else is refused and stays as it is', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  await mkdir(dataDir)
  await writeFile(join(dataDir, 'thesis.txt'), 'mine')
  await assert.rejects(startEmbeddedPostgres({ dataDir }), {
    name: 'StartError',
    message: `${dataDir} holds other files and no Parlance data: set PARLANCE_DATA_DIR to an empty or new folder.`,
  })
  assert.deepEqual(await readdir(dataDir), ['thesis.txt'])
})

test('data written by a newer Parlance is refused', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  await mkdir(dataDir)
  await writeFile(join(dataDir, 'parlance.json'), JSON.stringify({ format: 2 }))
  await assert.rejects(startEmbeddedPostgres({ dataDir }), {
    name: 'StartError',
    message: /written by a newer Parlance/,
  })
})

test('a file in place of the data folder is refused', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  await writeFile(dataDir, 'a file')
  await assert.rejects(startEmbeddedPostgres({ dataDir }), {
    name: 'StartError',
    message: `${dataDir} is not a folder: set PARLANCE_DATA_DIR to one.`,
  })
})

test('a missing or wrong password file is named, and no new database is put over the old one', async (t) => {
  const { dataDir } = await makeTestFolder(t)
  await (await startEmbeddedPostgres({ dataDir })).stop()
  const file = join(dataDir, 'postgres.password')
  const password = await readFile(file, 'utf8')
  await writeFile(file, 'another\n')
  await assert.rejects(startEmbeddedPostgres({ dataDir }), {
    name: 'StartError',
    message: /is not that of its database/,
  })
  await rm(file)
  await assert.rejects(startEmbeddedPostgres({ dataDir }), {
    name: 'StartError',
    message: /postgres\.password.* is missing/,
  })
  await writeFile(file, password)
  await (await startEmbeddedPostgres({ dataDir })).stop()
})

test('a folder that the user may not write to is refused by its name', async (t) => {
  const user = isRoot() ? await getPostgresUser() : undefined
  if (user) {
    const barrier = await findBarrier(dirname(fileURLToPath(import.meta.url)), user)
    if (barrier) return t.skip(`other users cannot enter ${barrier}`)
  }
  const { folder, dataDir } = await makeTestFolder(t)
  await mkdir(dataDir)
  await chmod(dataDir, 0o555)
  await assert.rejects(startHolder(dataDir, user), {
    message: /^Parlance may not write to .*, which belongs to user \d+: /,
  })
  await chmod(folder, 0o555)
  await assert.rejects(startHolder(join(folder, 'new'), user), { message: /^Parlance may not write to .*\/new: / })
  await chmod(folder, 0o755)
})

test('a full disk is named, at the first start and at a later one, and nothing is damaged', async (t) => {
  const { folder, atEnd } = await makeTestFolder(t)
  const disk = join(folder, 'disk')
  await mkdir(disk)
  const isMounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=755', 'none', disk]).then(
    () => true,
    () => false,
  )
  if (!isMounted) return t.skip('a small disk cannot be mounted here')
  const dataDir = join(disk, 'data')
  atEnd(async () => {
    await endLeftovers(dataDir)
    await run('umount', ['--lazy', disk])
  })
  const isFull = {
    name: 'StartError',
    message: /^The disk that holds .* is full: free some space, then start again\.$/,
  }

  await assert.rejects(startEmbeddedPostgres({ dataDir }), isFull)
  assert.deepEqual(
    (await readdir(dataDir)).filter((name) => name.startsWith('postgres.new-')),
    [],
  )
  await run('mount', ['-o', 'remount,size=120m', disk])
  const first = await startEmbeddedPostgres({ dataDir })
  await query(first.url, "create table kept as select 'ada' as name")
  await first.stop()

  await run('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=1M']).catch(() => undefined)
  await assert.rejects(startEmbeddedPostgres({ dataDir }), isFull)
  await rm(join(disk, 'filler'))
  const second = await startEmbeddedPostgres({ dataDir })
  assert.deepEqual(await query(second.url, 'select name from kept'), [{ name: 'ada' }])
  await second.stop()
})

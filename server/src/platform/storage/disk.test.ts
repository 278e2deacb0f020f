import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { createDiskStorage } from './disk.ts'

test('what was written is read back, whole and in part, until it is deleted', async (t) => {
  const { storage } = await openInNewFolder(t)
  const bytes = randomBytes(300_000)
  await storage.write('key-00000001', Readable.from([bytes.subarray(0, 100_000), bytes.subarray(100_000)]), 300_000)
  assert.deepEqual(await buffer(await storage.read('key-00000001')), bytes)
  const part = await buffer(await storage.read('key-00000001', { start: 99_990, end: 100_009 }))
  assert.deepEqual(part, bytes.subarray(99_990, 100_010))
  await storage.delete('key-00000001')
  assert.equal(await storage.exists('key-00000001'), false)
  await assert.rejects(storage.read('key-00000001'), { name: 'StorageError', problem: 'missing' })
  await storage.delete('key-00000001')
})

test('bytes above the limit leave nothing', async (t) => {
  const { folder, storage } = await openInNewFolder(t)
  const writing = storage.write('key-00000001', Readable.from([Buffer.alloc(10), Buffer.alloc(1)]), 10)
  await assert.rejects(writing, { name: 'StorageError', problem: 'too_large' })
  assert.deepEqual(await listFiles(folder), [])
})

test('bytes that end with an error leave nothing', async (t) => {
  const { folder, storage } = await openInNewFolder(t)
  async function* broken() {
    yield Buffer.alloc(10)
    throw new Error('the connection broke')
  }
  await assert.rejects(storage.write('key-00000001', broken(), 100), /the connection broke/)
  assert.deepEqual(await listFiles(folder), [])
})

test('a full disk is told apart, and leaves nothing', async (t) => {
  const { folder, storage } = await openInNewFolder(t)
  async function* full() {
    yield Buffer.alloc(10)
    // As the file system refuses a write: a disk of the right size cannot be had in a test.
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
  await assert.rejects(storage.write('key-00000001', full(), 100), { name: 'StorageError', problem: 'full' })
  assert.deepEqual(await listFiles(folder), [])
})

test('a key cannot leave the folder', async (t) => {
  const { storage } = await openInNewFolder(t)
  await assert.rejects(async () => storage.exists('../../../etc/passwd'), /storage key/)
})

test('drafts of a crash are removed by the next start, but not those that another node may be writing', async (t) => {
  const { folder, storage } = await openInNewFolder(t)
  const old = join(folder, 'unfinished', 'old')
  await mkdir(join(folder, 'unfinished'))
  await writeFile(old, 'half')
  await utimes(old, 0, 0)
  await writeFile(join(folder, 'unfinished', 'new'), 'half')
  await storage.write('key-00000001', Readable.from([Buffer.alloc(1)]), 1)
  assert.deepEqual((await listFiles(folder)).sort(), ['key-00000001', 'new'])
})

async function openInNewFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-files-'))
  t.after(() => rm(folder, { recursive: true }))
  return { folder, storage: createDiskStorage(folder) }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

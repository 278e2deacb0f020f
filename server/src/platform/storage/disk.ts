import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { errorCode } from '../start-error.ts'
import { type ByteRange, StorageError, type StoragePort } from './storage.ts'

// Other nodes may be writing to the same folder: only what no upload can still be writing is left over.
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000
const KEY = /^[\w-]{8,128}$/

/**
 * Keeps files in a folder, each in a subfolder named after the end of its key. A file is written beside its place and
 * renamed into it, so that it is there whole or not at all, after a power cut too. Touches nothing before its first use.
 */
export function createDiskStorage(folder: string): StoragePort {
  const unfinished = join(folder, 'unfinished')
  let preparing: Promise<void> | undefined
  const prepare = () => {
    preparing ??= prepareFolder(unfinished).catch((error) => {
      preparing = undefined
      throw error
    })
    return preparing
  }
  return {
    async write(key, bytes, bytesMax) {
      await prepare()
      await write({ path: pathOf(folder, key), unfinished }, bytes, bytesMax)
    },
    read: async (key, range) => read(pathOf(folder, key), range),
    delete: async (key) => rm(pathOf(folder, key), { force: true }),
    exists: async (key) => exists(pathOf(folder, key)),
  }
}

async function prepareFolder(unfinished: string) {
  await mkdir(unfinished, { recursive: true, mode: 0o700 })
  await removeLeftovers(unfinished)
}

function pathOf(folder: string, key: string): string {
  if (!KEY.test(key)) throw new Error('A storage key is made of letters, digits, - and _.')
  return join(folder, key.slice(-2).toLowerCase(), key)
}

type Place = { path: string; unfinished: string }

async function write({ path, unfinished }: Place, bytes: AsyncIterable<Uint8Array>, bytesMax: number) {
  const draft = join(unfinished, randomBytes(12).toString('hex'))
  try {
    await writeDraft(draft, limited(bytes, bytesMax))
    await makeFolder(dirname(path))
    await rename(draft, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(draft, { force: true })
    const code = errorCode(error)
    throw code === 'ENOSPC' || code === 'EDQUOT' ? new StorageError('full', error) : error
  }
}

async function writeDraft(draft: string, bytes: AsyncIterable<Uint8Array>) {
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* limited(bytes: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let written = 0
  for await (const chunk of bytes) {
    written += chunk.length
    if (written > bytesMax) throw new StorageError('too_large')
    yield chunk
  }
}

async function makeFolder(folder: string) {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (made !== undefined) await syncFolder(dirname(folder))
}

/** Makes the names in a folder survive a power cut. */
async function syncFolder(folder: string) {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function read(path: string, range: ByteRange | undefined): Promise<Readable> {
  try {
    const handle = await open(path, 'r')
    return handle.createReadStream({ ...range, autoClose: true })
  } catch (error) {
    throw errorCode(error) === 'ENOENT' ? new StorageError('missing', error) : error
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

async function removeLeftovers(unfinished: string) {
  for (const name of await readdir(unfinished)) {
    const path = join(unfinished, name)
    const { mtimeMs } = await stat(path)
    if (mtimeMs < Date.now() - LEFTOVER_AGE_MS) await rm(path, { force: true })
  }
}

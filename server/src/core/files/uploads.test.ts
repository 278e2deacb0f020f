import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { SYSTEM } from '../actor.ts'
import { createContext } from '../context.ts'
import { sendMessage } from '../messages/send-message.ts'
import { createUpload } from './create-upload.ts'
import { getFile } from './get-file.ts'
import { readFile } from './read-file.ts'
import { receiveUpload } from './receive-upload.ts'
import { removeExpiredFiles } from './remove-expired-files.ts'

const TEXT = Buffer.from('Grüße, 世界\n')
const HOUR_MS = 60 * 60 * 1000

test('an upload is announced, filled and read', async (t) => {
  const world = await testWorld(t)
  const file = await upload(world)
  assert.equal(file.sizeBytes, TEXT.length)
  const opened = await readFile(world.as('bob'), { fileId: file.id })
  assert.deepEqual(await buffer(await opened.read()), TEXT)
  assert.deepEqual(await buffer(await opened.read({ start: 2, end: 4 })), TEXT.subarray(2, 5))
})

test('names lose their folders and keep the rest; nonsense is refused', async (t) => {
  const world = await testWorld(t)
  const ada = world.as('ada')
  const nameOf = async (name: string) =>
    (await createUpload(ada, { name, contentType: 'text/plain', sizeBytes: 1 })).file.name
  assert.equal(await nameOf('../../etc/passwd'), 'passwd')
  assert.equal(await nameOf('C:\\Users\\ada\\Größe 100%.txt'), 'Größe 100%.txt')
  assert.equal(await nameOf('🎉'.repeat(255)), '🎉'.repeat(255))
  for (const name of ['', ' ', '.', '..', 'a/', 'a\nb', 'photo\u202egnp.exe', 'a\0', '\ud800', 'x'.repeat(256)]) {
    await assert.rejects(nameOf(name), { code: 'invalid_request' }, JSON.stringify(name))
  }
})

test('types and sizes are checked before anything is kept', async (t) => {
  const world = await testWorld(t)
  const ada = world.as('ada')
  const create = (contentType: string, sizeBytes: number) => createUpload(ada, { name: 'a', contentType, sizeBytes })
  assert.equal((await create('Text/Plain; charset=utf-8', 1)).file.contentType, 'text/plain')
  for (const type of ['', 'text', 'text/', '/plain', 'text/plain/x', 'te xt/plain', 'text/pläin']) {
    await assert.rejects(create(type, 1), { code: 'invalid_request' }, type)
  }
  await assert.rejects(create('application/x-msdownload', 1), { code: 'file_type_refused' })
  for (const size of [0, -1, 1.5, Number.NaN])
    await assert.rejects(create('text/plain', size), { code: 'invalid_request' })
  await assert.rejects(create('text/plain', ada.ports.files.bytesMax + 1), { code: 'file_too_large' })
})

test('bytes that are not as announced are refused, leave nothing, and can be sent again', async (t) => {
  const world = await testWorld(t)
  const ada = world.as('ada')
  const { file } = await createUpload(ada, { name: 'a.txt', contentType: 'text/plain', sizeBytes: TEXT.length })
  const send = (...chunks: Buffer[]) => receiveUpload(ada, { fileId: file.id, bytes: Readable.from(chunks) })
  await assert.rejects(send(TEXT, Buffer.from('!')), { code: 'file_too_large' })
  await assert.rejects(send(TEXT.subarray(1)), { code: 'file_size_mismatch' })
  await assert.rejects(send(Buffer.alloc(TEXT.length)), { code: 'file_type_mismatch' })
  assert.deepEqual(await listStored(world), [])
  await assert.rejects(readFile(ada, { fileId: file.id }), { code: 'file_not_found' })
  assert.notEqual((await send(TEXT)).completedAt, null)
})

test('an upload URL works once', async (t) => {
  const world = await testWorld(t)
  const { id: fileId } = await upload(world)
  const again = receiveUpload(world.as('ada'), { fileId, bytes: Readable.from([TEXT]) })
  await assert.rejects(again, { code: 'upload_already_complete' })
  assert.equal((await listStored(world)).length, 1)
})

test('of two uploads at once the one that began last counts, and its bytes alone are kept', async (t) => {
  const world = await testWorld(t)
  const ada = world.as('ada')
  const { file } = await createUpload(ada, { name: 'a.txt', contentType: 'text/plain', sizeBytes: 5 })
  const [begun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  async function* slow() {
    begun.resolve()
    yield Buffer.from('fir')
    await mayEnd.promise
    yield Buffer.from('st')
  }
  const first = receiveUpload(ada, { fileId: file.id, bytes: slow() })
  await begun.promise
  await receiveUpload(ada, { fileId: file.id, bytes: Readable.from([Buffer.from('later')]) })
  mayEnd.resolve()
  await assert.rejects(first, { code: 'upload_replaced' })
  const opened = await readFile(ada, { fileId: file.id })
  assert.equal(String(await buffer(await opened.read())), 'later')
  assert.equal((await listStored(world)).length, 1)
})

test('an upload URL that has expired takes nothing', async (t) => {
  const world = await testWorld(t)
  const ada = world.as('ada')
  const { file, expiresAt } = await createUpload(ada, { name: 'a', contentType: 'text/plain', sizeBytes: 1 })
  world.setNow(expiresAt)
  const late = receiveUpload(ada, { fileId: file.id, bytes: Readable.from([Buffer.from('a')]) })
  await assert.rejects(late, { code: 'url_expired' })
  await assert.rejects(getFile(ada, { fileId: file.id }), { code: 'file_not_found' })
})

test('a file is visible to its uploader and to who can read a message that carries it', async (t) => {
  const world = await testWorld(t)
  const { id: fileId } = await upload(world)
  const canSee = async (name: Parameters<typeof world.as>[0]) =>
    getFile(world.as(name), { fileId }).then(
      () => true,
      (error) => {
        assert.equal(error.code, 'file_not_found')
        return false
      },
    )
  assert.equal(await canSee('ada'), true)
  // Not in any message yet: bob shares a channel with ada, and that is not enough.
  assert.equal(await canSee('bob'), false)
  await sendMessage(world.as('ada'), { conversationId: world.ids.secret, body: '', fileIds: [fileId] })
  assert.equal(await canSee('gus'), true)
  assert.equal(await canSee('bob'), false)
  assert.equal(await canSee('eve'), false)
  assert.equal(await canSee('mallory'), false)
})

test('a file in a deleted message is visible to its uploader only, until it is removed', async (t) => {
  // The row is marked behind the operations' back.
  const world = await testWorld(t, { eventTruth: false })
  const { id: fileId } = await upload(world)
  const { message } = await sendMessage(world.as('ada'), {
    conversationId: world.ids.general,
    body: '',
    fileIds: [fileId],
  })
  await getFile(world.as('bob'), { fileId })
  const { kysely } = world.runtime.core.database
  await kysely.updateTable('messages').set({ deletedAt: message.createdAt }).where('id', '=', message.id).execute()
  await assert.rejects(getFile(world.as('bob'), { fileId }), { code: 'file_not_found' })
  await getFile(world.as('ada'), { fileId })
})

test('what expired is removed with its bytes, what a message carries stays, and a second run changes nothing', async (t) => {
  const world = await testWorld(t)
  const ada = world.as('ada')
  const start = '2026-02-01T10:00:00.000Z'
  world.setNow(start)
  const unused = await upload(world)
  const used = await upload(world)
  const { file: pending } = await createUpload(ada, { name: 'a', contentType: 'text/plain', sizeBytes: 1 })
  await sendMessage(ada, { conversationId: world.ids.general, body: '', fileIds: [used.id] })
  const system = createContext(world.runtime.core, SYSTEM)

  world.setNow(addMs(start, 3 * HOUR_MS))
  assert.deepEqual(await removeExpiredFiles(system), { removed: 1 })
  await assert.rejects(getFile(ada, { fileId: pending.id }), { code: 'file_not_found' })
  assert.equal((await listStored(world)).length, 2)

  world.setNow(addMs(start, 30 * HOUR_MS))
  assert.deepEqual(await removeExpiredFiles(system), { removed: 1 })
  await assert.rejects(readFile(ada, { fileId: unused.id }), { code: 'file_not_found' })
  assert.equal((await listStored(world)).length, 1)
  assert.deepEqual(await removeExpiredFiles(system), { removed: 0 })
  await readFile(ada, { fileId: used.id })
})

test('a file that is about to be removed cannot be attached any more', async (t) => {
  const world = await testWorld(t)
  const ada = world.as('ada')
  world.setNow('2026-02-01T10:00:00.000Z')
  const { id } = await upload(world)
  world.setNow('2026-02-02T10:00:00.001Z')
  const send = sendMessage(ada, { conversationId: world.ids.general, body: '', fileIds: [id] })
  await assert.rejects(send, { code: 'file_not_found' })
})

async function upload(world: TestWorld) {
  const ada = world.as('ada')
  const { file } = await createUpload(ada, { name: 'a.txt', contentType: 'text/plain', sizeBytes: TEXT.length })
  return receiveUpload(ada, { fileId: file.id, bytes: Readable.from([TEXT]) })
}

async function listStored({ filesFolder }: TestWorld): Promise<string[]> {
  const entries = await readdir(filesFolder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

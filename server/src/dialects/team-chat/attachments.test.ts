import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { HttpApp } from '../../http/server.ts'
import { bearer } from '../../testing/authenticate-cast.ts'
import { testTeamChat } from '../../testing/team-chat.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'

const TEXT = Buffer.from('Grüße, 世界\n')
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')

test('a file is announced, uploaded and read', async (t) => {
  const { app } = await open(t)
  const created = await announce(app, { file_name: 'Größe 100%.txt', file_type: 'text/plain', file_size: TEXT.length })
  assert.equal(created.method, 'PUT')
  assert.deepEqual(created.headers, { 'Content-Type': 'text/plain' })
  assert.match(created.upload_url, /^https:\/\/parlance\.test\/uploads\//)

  const put = await app.inject({
    method: 'PUT',
    url: pathOf(created.upload_url),
    headers: created.headers,
    payload: TEXT,
  })
  assert.equal(put.statusCode, 200, put.body)
  const attachment = put.json()
  assert.deepEqual(
    [attachment.id, attachment.file_name, attachment.file_type, attachment.file_size],
    [created.id, 'Größe 100%.txt', 'text/plain', TEXT.length],
  )
  assert.equal(attachment.file_url, created.file_url)
  const shown = await app.inject({ url: `/attachments/${created.id}`, headers: bearer('ada') })
  assert.deepEqual(shown.json(), attachment)

  const got = await app.inject(pathOf(created.file_url))
  assert.equal(got.statusCode, 200)
  assert.deepEqual(got.rawPayload, TEXT)
  assert.equal(got.headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(got.headers['content-length'], String(TEXT.length))
  assert.equal(got.headers['x-content-type-options'], 'nosniff')
  assert.match(String(got.headers['content-security-policy']), /default-src 'none'.*sandbox/)
  assert.match(
    String(got.headers['content-disposition']),
    /^inline; .*filename\*=UTF-8''Gr%C3%B6%C3%9Fe%20100%25\.txt$/,
  )
})

test('parts, heads and what is unchanged', async (t) => {
  const { app } = await open(t)
  const url = pathOf((await upload(app, TEXT)).file_url)
  const part = await app.inject({ url, headers: { range: 'bytes=2-4' } })
  assert.equal(part.statusCode, 206)
  assert.deepEqual(part.rawPayload, TEXT.subarray(2, 5))
  assert.equal(part.headers['content-range'], `bytes 2-4/${TEXT.length}`)
  const beyond = await app.inject({ url, headers: { range: 'bytes=100-' } })
  assert.equal(beyond.statusCode, 416)
  assert.equal(beyond.headers['content-range'], `bytes */${TEXT.length}`)

  const head = await app.inject({ method: 'HEAD', url })
  assert.equal(head.statusCode, 200)
  assert.equal(head.headers['content-length'], String(TEXT.length))
  assert.equal(head.body, '')
  const etag = String(head.headers.etag)
  const unchanged = await app.inject({ url, headers: { 'if-none-match': `"other", W/${etag}` } })
  assert.equal(unchanged.statusCode, 304)
  const stale = await app.inject({ url, headers: { range: 'bytes=2-4', 'if-range': '"other"' } })
  assert.equal(stale.statusCode, 200)
})

test('what could act as a page of ours is only ever downloaded', async (t) => {
  const { app } = await open(t)
  const { file_url } = await upload(app, SVG, 'image/svg+xml')
  const got = await app.inject(pathOf(file_url))
  assert.match(String(got.headers['content-disposition']), /^attachment;/)
  assert.equal(got.headers['content-type'], 'image/svg+xml; charset=utf-8')
})

test('a signed URL does one thing, with one file, for a time', async (t) => {
  const { app, world } = await open(t)
  world.setNow('2026-01-01T10:30:00.000Z')
  const { id, upload_url, file_url } = await upload(app, TEXT)
  const answer = async (method: 'GET' | 'PUT', url: string) => {
    const reply = await app.inject({ method, url: pathOf(url), ...(method === 'PUT' && { payload: TEXT }) })
    return `${reply.statusCode} ${reply.json().error.code}`
  }
  assert.equal(await answer('GET', upload_url), '403 invalid_signature')
  assert.equal(await answer('PUT', file_url.replace(/\/[^/]*\?/, '?')), '403 invalid_signature')
  assert.equal(
    await answer(
      'GET',
      file_url.replace(
        id,
        id.replace(/.$/, (c: string) => (c === '0' ? '1' : '0')),
      ),
    ),
    '403 invalid_signature',
  )
  assert.equal(await answer('GET', file_url.replace(/expires=\d+/, 'expires=99999999999')), '403 invalid_signature')
  assert.equal(await answer('GET', file_url.replace(/\?.*/, '')), '403 invalid_signature')
  assert.equal(await answer('PUT', upload_url.replace(/size=\d+/, 'size=1')), '403 invalid_signature')
  assert.equal(await answer('PUT', upload_url.replace(/type=[^&]+/, 'type=text%2Fhtml')), '403 invalid_signature')
  assert.equal(await answer('PUT', upload_url), '409 upload_already_complete')
  assert.equal(await answer('GET', '/uploads/nonsense'), '422 invalid_request')
  world.setNow('2026-01-01T12:30:00.000Z')
  assert.equal(await answer('GET', file_url), '410 url_expired')
  assert.equal(await answer('PUT', upload_url), '410 url_expired')
})

test('bytes that are not as announced are refused, and leave nothing', async (t) => {
  const { app, world } = await open(t)
  const { upload_url } = await announce(app, { file_name: 'a.txt', file_type: 'text/plain', file_size: TEXT.length })
  const answer = async (payload: Buffer) => {
    const reply = await app.inject({ method: 'PUT', url: pathOf(upload_url), payload })
    return `${reply.statusCode} ${reply.json().error.code}`
  }
  assert.equal(await answer(Buffer.alloc(TEXT.length + 1, 'a')), '413 file_too_large')
  assert.equal(await answer(TEXT.subarray(1)), '422 file_size_mismatch')
  assert.equal(await answer(Buffer.alloc(0)), '422 file_size_mismatch')
  assert.equal(await answer(Buffer.alloc(TEXT.length)), '422 file_type_mismatch')
  assert.deepEqual(await listStored(world), [])
  const refused = await app.inject({
    method: 'POST',
    url: '/attachments/generate-upload-url',
    headers: bearer('ada'),
    payload: { file_name: 'a.exe', file_type: 'application/x-msdownload', file_size: 1_000_000_000 },
  })
  assert.equal(`${refused.statusCode} ${refused.json().error.code}`, '422 file_type_refused')
})

test('an upload larger than any JSON body arrives; a stream that goes on too long and one that breaks off do not', async (t) => {
  const { app, world } = await open(t)
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  const bytes = randomBytes(900_000)
  const put = async (url: string, chunks: Buffer[], headers = {}) => {
    const sending = request({ port, method: 'PUT', path: pathOf(url), headers })
    for (const chunk of chunks) sending.write(chunk)
    sending.end()
    const [reply] = await once(sending, 'response')
    reply.resume()
    return reply.statusCode
  }
  const announced = { file_name: 'a.bin', file_type: 'application/octet-stream', file_size: bytes.length }
  const { id, upload_url, file_url } = await announce(app, announced)
  const claim = async () => {
    const files = world.runtime.core.database.kysely.selectFrom('files').select('storageKey')
    return (await files.where('id', '=', id).executeTakeFirstOrThrow()).storageKey
  }
  assert.equal(await put(upload_url, [bytes, Buffer.from('!')]), 413)
  const firstClaim = await claim()

  const broken = request({ port, method: 'PUT', path: pathOf(upload_url), headers: { 'content-length': bytes.length } })
  broken.on('error', () => {})
  const begun = once(app.server, 'request')
  broken.write(bytes.subarray(0, 1_000))
  const [, reply] = await begun
  // Of two uploads the one that began last counts: the broken one has to have begun.
  while ((await claim()) === firstClaim) await setImmediate()
  const ended = once(reply, 'close')
  broken.destroy()
  await ended

  assert.equal(await put(upload_url, [bytes]), 200)
  assert.deepEqual((await app.inject(pathOf(file_url))).rawPayload, bytes)
  assert.equal((await listStored(world)).length, 1)
})

test('a name as long as names can be, in any script, is in a URL that works', async (t) => {
  const { app } = await open(t)
  const created = await announce(app, { file_name: '世'.repeat(255), file_type: 'text/plain', file_size: TEXT.length })
  await app.inject({ method: 'PUT', url: pathOf(created.upload_url), payload: TEXT })
  const got = await app.inject(pathOf(created.file_url))
  assert.equal(got.statusCode, 200, got.body)
})

test("another's file is as good as missing", async (t) => {
  const { app } = await open(t)
  const { id } = await upload(app, TEXT)
  const reply = await app.inject({ url: `/attachments/${id}`, headers: bearer('mallory') })
  assert.equal(`${reply.statusCode} ${reply.json().error.code}`, '404 file_not_found')
})

async function open(t: TestContext): Promise<{ app: HttpApp; world: TestWorld }> {
  const world = await testWorld(t)
  return { world, app: await testTeamChat(t, world) }
}

async function announce(app: HttpApp, payload: { file_name: string; file_type: string; file_size: number }) {
  const url = '/attachments/generate-upload-url'
  const reply = await app.inject({ method: 'POST', url, headers: bearer('ada'), payload })
  assert.equal(reply.statusCode, 201, reply.body)
  return reply.json()
}

async function upload(app: HttpApp, bytes: Buffer, type = 'text/plain') {
  const created = await announce(app, { file_name: 'a.txt', file_type: type, file_size: bytes.length })
  const reply = await app.inject({ method: 'PUT', url: pathOf(created.upload_url), payload: bytes })
  assert.equal(reply.statusCode, 200, reply.body)
  return created
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'https://parlance.test')
  return pathname + search
}

async function listStored({ filesFolder }: TestWorld): Promise<string[]> {
  const entries = await readdir(filesFolder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

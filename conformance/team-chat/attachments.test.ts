import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { deriveKey } from '../../server/src/platform/crypto/derive-key.ts'
import { type Answer, call } from '../harness/client.ts'
import { ok, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { type Caller, makeTeam, say } from './team.ts'

const SECRET = 'a secret that only these tests know'
const { url } = await startTestServer({ PARLANCE_SECRET: SECRET, PARLANCE_LIMIT_FILE_BYTES: '3000000' })

const TEXT = Buffer.from('Grüße, 世界\n')
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const PROGRAM = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(4_096, 1)])

const announce = (person: Caller, fields: object = {}) =>
  person.post('/attachments/generate-upload-url', {
    ...{ file_name: 'notes.txt', file_type: 'text/plain', file_size: TEXT.length },
    ...fields,
  })

async function put(target: string, bytes: Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(target, { method: 'PUT', body: new Uint8Array(bytes), headers })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}

const upload = async (person: Caller, bytes = TEXT, fields: object = {}) => {
  const made = await ok(201, announce(person, { file_size: bytes.length, ...fields }))
  return { ...made, attachment: await ok(200, put(made.upload_url, bytes, made.headers)) }
}

test('a file is announced, uploaded, sent in a message, and read by who sees the message', async () => {
  const { ada, bob, eve, secret } = await makeTeam(url)
  const made = await ok(201, announce(ada, { file_name: '../Größe 1.txt' }))
  assert.deepEqual([made.method, made.headers], ['PUT', { 'Content-Type': 'text/plain' }])
  assert.ok(Date.parse(made.expires_at) > Date.now())
  const attachment = await ok(200, put(made.upload_url, TEXT, made.headers))
  assert.deepEqual(
    [attachment.id, attachment.file_name, attachment.file_type, attachment.file_size],
    [made.id, 'Größe 1.txt', 'text/plain', TEXT.length],
  )
  await refused('404 file_not_found', bob.get(`/attachments/${made.id}`))
  const message = await say(ada, secret, '', { attachments: [made.id] })
  const [shown] = (await ok(200, bob.get(`/messages/${message.id}`))).attachments
  assert.deepEqual([shown.id, shown.file_name, shown.file_size], [made.id, 'Größe 1.txt', TEXT.length])
  const file = await fetch(shown.file_url)
  assert.equal(file.status, 200)
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), TEXT)
  assert.equal(file.headers.get('x-content-type-options'), 'nosniff')
  assert.match(file.headers.get('content-disposition')!, /filename\*=UTF-8''Gr%C3%B6%C3%9Fe%201\.txt/)
  assert.equal((await ok(200, bob.get(`/attachments/${made.id}`))).id, made.id)
  await refused('404 file_not_found', eve.get(`/attachments/${made.id}`))
  const part = await fetch(shown.file_url, { headers: { range: 'bytes=0-1' } })
  assert.deepEqual([part.status, await part.text()], [206, 'Gr'])
})

test('an attachment is named by its id, its URL, or an object with either', async () => {
  const { ada, general } = await makeTeam(url)
  const names = []
  for (let i = 0; i < 4; i++) names.push(await upload(ada))
  const attachments = [
    names[0]!.id,
    names[1]!.file_url,
    { id: names[2]!.id },
    { file_url: names[3]!.file_url, file_name: 'ignored' },
  ]
  const message = await say(ada, general, 'four', { attachments })
  assert.deepEqual(
    message.attachments.map(({ id }: never) => id),
    names.map(({ id }) => id),
  )
})

test('what an announcement must have', async () => {
  const { ada } = await makeTeam(url)
  await refused('422 invalid_request file_name file_type file_size', ada.post('/attachments/generate-upload-url', {}))
  for (const [field, value] of [
    ['file_name', ''],
    ['file_name', 'x'.repeat(256)],
    ['file_name', 5],
    ['file_type', 'picture'],
    ['file_type', null],
    ['file_size', 0],
    ['file_size', -1],
    ['file_size', 1.5],
    ['file_size', '12'],
  ] as const) {
    await refused(`422 invalid_request ${field}`, announce(ada, { [field]: value }))
  }
  await refused('413 file_too_large file_size', announce(ada, { file_size: 3_000_001 }))
  await refused('422 file_type_refused file_type', announce(ada, { file_type: 'application/x-msdownload' }))
})

test('bytes that are too many, too few or of another type are refused, and the URL takes the right ones after', async () => {
  const { ada, general } = await makeTeam(url)
  const made = await ok(201, announce(ada))
  await refused('413 file_too_large', put(made.upload_url, Buffer.alloc(TEXT.length + 1, 'a')))
  await refused('422 file_size_mismatch', put(made.upload_url, TEXT.subarray(1)))
  await refused('422 file_type_mismatch', put(made.upload_url, Buffer.alloc(TEXT.length)))
  const send = () => ada.post(`/channels/${general}/messages`, { body: 'x', attachments: [made.id] })
  await refused('422 file_not_ready', send())
  await ok(200, put(made.upload_url, TEXT))
  await ok(201, send())

  const image = await ok(201, announce(ada, { file_name: 'a.png', file_type: 'image/png', file_size: TEXT.length }))
  await refused('422 file_type_mismatch', put(image.upload_url, TEXT))
  const program = { file_name: 'a.png', file_type: 'image/png', file_size: PROGRAM.length }
  const disguised = await put((await ok(201, announce(ada, program))).upload_url, PROGRAM)
  assert.equal(disguised.status, 422)
  const { attachment } = await upload(ada, PNG, { file_name: 'a.png', file_type: 'image/png' })
  assert.equal(attachment.file_type, 'image/png')
})

test('an upload URL works once, also for two at once', async () => {
  const { ada } = await makeTeam(url)
  const made = await upload(ada)
  await refused('409 upload_already_complete', put(made.upload_url, TEXT))
  const raced = await ok(201, announce(ada))
  const statuses = (await Promise.all([1, 2, 3].map(() => put(raced.upload_url, TEXT)))).map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses))
  assert.ok(statuses.every((status) => status === 200 || status === 409))
})

test('a signed URL does one thing with one file, and expires', async () => {
  const { ada } = await makeTeam(url)
  const [{ upload_url, file_url, id }, other] = [await upload(ada), await upload(ada)]
  const get = (target: string) => call(url, 'GET', target)
  await refused('403 invalid_signature', get(upload_url))
  await refused('403 invalid_signature', put(file_url.replace(/\/[^/]*\?/, '?'), TEXT))
  await refused('403 invalid_signature', get(file_url.replace(id, other.id)))
  await refused('403 invalid_signature', get(file_url.replace(/expires=\d+/, 'expires=99999999999')))
  await refused('403 invalid_signature', get(file_url.replace(/\?.*/, '')))
  await refused('403 invalid_signature', put(upload_url.replace(/size=\d+/, 'size=1'), TEXT))
  await refused('422 invalid_request id', get('/uploads/nonsense'))

  const past = Math.floor(Date.now() / 1_000) - 10
  const key = deriveKey(SECRET, 'file urls')
  const sign = (...parts: unknown[]) => createHmac('sha256', key).update(parts.join('\n')).digest('base64url')
  await refused('410 url_expired', get(`/uploads/${id}?expires=${past}&signature=${sign('GET', id, past)}`))
  const fresh = await ok(201, announce(ada))
  const query = new URLSearchParams({
    type: 'text/plain',
    size: String(TEXT.length),
    expires: String(past),
    signature: sign('PUT', fresh.id, 'text/plain', TEXT.length, past),
  })
  await refused('410 url_expired', put(`${url}/uploads/${fresh.id}?${query}`, TEXT))
})

test('only one’s own uploads of this server can be sent', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const { id, file_url } = await upload(bob)
  const send = (attachments: unknown[]) => ada.post(`/channels/${general}/messages`, { body: 'x', attachments })
  await refused('404 file_not_found', send([id]))
  await refused('404 file_not_found', send([file_url]))
  await refused('404 file_not_found', send([randomUUID()]))
  await refused('422 invalid_request attachments.0', send(['https://elsewhere.example/a.png']))
  await refused(
    '422 invalid_request attachments.0',
    send([file_url.replace(/^http:\/\/[^/]+/, 'https://evil.example')]),
  )
  await refused('422 invalid_request attachments.0', send([{}]))
  const wrong = await send([5])
  assert.equal(wrong.status, 422)
  await say(bob, general, 'mine', { attachments: [id] })
  // Who sees a file may read it, but it is still not theirs to send.
  await ok(200, ada.get(`/attachments/${id}`))
  await refused('404 file_not_found', send([id]))
  assert.equal((await ok(200, ada.get(`/channels/${general}/messages`))).data.length, 1)
})

test('a deleted message shows its file to nobody', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const { id } = await upload(ada)
  const message = await say(ada, general, 'look', { attachments: [id] })
  await ok(200, bob.get(`/attachments/${id}`))
  await ok(204, ada.delete(`/messages/${message.id}`))
  await refused('404 file_not_found', bob.get(`/attachments/${id}`))
  assert.deepEqual((await ok(200, bob.get(`/messages/${message.id}`))).attachments, [])
})

test('a file larger than any JSON body arrives whole', async () => {
  const { ada } = await makeTeam(url)
  const bytes = Buffer.alloc(2_500_000, 'lorem ipsum\n')
  const { file_url } = await upload(ada, bytes)
  const file = await fetch(file_url)
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), bytes)
})

test('a page that could act as ours is only downloaded', async () => {
  const { ada } = await makeTeam(url)
  const html = Buffer.from('<script>alert(1)</script>')
  const { file_url } = await upload(ada, html, { file_name: 'a.html', file_type: 'text/html' })
  const file = await fetch(file_url)
  assert.match(file.headers.get('content-disposition')!, /^attachment;/)
  assert.match(file.headers.get('content-security-policy')!, /sandbox/)
})

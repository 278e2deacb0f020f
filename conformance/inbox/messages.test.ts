import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'
import { startWithOutside } from './outside.ts'
import { type Caller, data, makeTeam, refused } from './team.ts'

const { url, outside } = await startWithOutside()

async function makeConversation() {
  const team = await makeTeam(url)
  const carol = await outside.meet({ workspaceId: team.workspace, name: 'Carol', phone: '+14155550101' })
  return { ...team, carol, path: `/conversations/${carol.conversation.id}/messages` }
}

/** As team-chat takes files; gives the id. */
async function upload({ token }: Caller, file: { name: string; contentType: string; sizeBytes: number }) {
  const body = { file_name: file.name, file_type: file.contentType, file_size: file.sizeBytes }
  const { id, upload_url, headers } = await ok(
    201,
    call(url, 'POST', '/attachments/generate-upload-url', { token, body }),
  )
  assert.equal((await fetch(upload_url, { method: 'PUT', body: 'hello', headers })).status, 200)
  return id
}

const texts = (messages: { message: string }[]) => messages.map(({ message }) => message).join(' ')

test('page 1 is the newest, and on each page the oldest comes first', async () => {
  const { bob, carol, path } = await makeConversation()
  assert.deepEqual(await data(200, bob.get(path)), {
    data: [],
    meta: { total: 0, page: 1, pageSize: 50, hasMore: false },
  })
  for (let i = 1; i <= 5; i++) await outside.hear(carol, `n${i}`)
  const read = async (query: string) => {
    const page = await data(200, bob.get(`${path}?${query}`))
    return [texts(page.data), page.meta.hasMore, page.meta.total]
  }
  assert.deepEqual(await read('pageSize=2'), ['n4 n5', true, 5])
  assert.deepEqual(await read('pageSize=2&page=2'), ['n2 n3', true, 5])
  assert.deepEqual(await read('pageSize=2&page=3'), ['n1', false, 5])
  assert.deepEqual(await read('pageSize=2&page=4'), ['', false, 5])
  assert.deepEqual(await read('pageSize=5'), ['n1 n2 n3 n4 n5', false, 5])
})

test('before and after narrow the messages by time, neither includes its own moment', async () => {
  const { bob, carol, path } = await makeConversation()
  for (const second of [1, 2, 3, 4])
    await outside.hear(carol, { body: `n${second}`, at: `2026-03-01T10:00:0${second}.000Z` })
  const read = async (query: string) => texts((await data(200, bob.get(`${path}?${query}`))).data)
  assert.equal(await read('before=2026-03-01T10:00:03Z'), 'n1 n2')
  assert.equal(await read('after=2026-03-01T10:00:02Z'), 'n3 n4')
  assert.equal(await read('after=2026-03-01T12:00:01%2B02:00&before=2026-03-01T10:00:04.000Z'), 'n2 n3')
  assert.equal(await read('after=2026-03-02'), '')
  for (const field of ['before', 'after']) {
    for (const value of ['yesterday', '2026-02-31', '%00']) {
      await refused(`422 invalid_request ${field}`, bob.get(`${path}?${field}=${value}`))
    }
  }
  for (const query of ['page=0', 'pageSize=101', 'pageSize=x']) {
    await refused(`422 invalid_request ${query.split('=')[0]}`, bob.get(`${path}?${query}`))
  }
})

test('a message says who sent it, over which channel, and what became of it', async () => {
  const { bob, carol, path } = await makeConversation()
  const heard = await outside.hear(carol, { body: 'hi', metadata: { carrier: 'twilio', carrierId: 'SMin' } })
  const told = await outside.tell(carol, { body: 'hello', authorId: bob.id })
  const read = async () => (await data(200, bob.get(path))).data
  const [theirs, ours] = await read()
  const conversationId = carol.conversation.id
  assert.deepEqual(theirs, {
    ...{ id: heard.id, conversationId, sender: 'Carol', senderType: 'contact', message: 'hi', channel: 'SMS' },
    timestamp: heard.createdAt,
    metadata: { twilioMessageId: 'SMin', twilioStatus: 'received' },
  })
  assert.deepEqual(ours, {
    ...{ id: told.id, conversationId, sender: bob.id, senderType: 'user', message: 'hello', channel: 'SMS' },
    ...{ timestamp: told.createdAt, status: 'queued' },
  })
  await outside.report(told, { status: 'sent', carrierId: `SM${told.id}`, carrierStatus: 'accepted' })
  const [, sent] = await read()
  assert.deepEqual(
    [sent.status, sent.metadata],
    ['sent', { twilioMessageId: `SM${told.id}`, twilioStatus: 'accepted' }],
  )
  await outside.report(told, { status: 'delivered', carrierStatus: 'delivered' })
  await outside.report(told, { status: 'sent', carrierStatus: 'sent' })
  assert.equal((await read())[1].status, 'delivered')
})

test('an email has its subject and Message-ID, a failure its reason, and an attachment a URL that opens', async () => {
  const { bob, carol, path } = await makeConversation()
  const email = {
    ...{ subject: 'Your order', fromName: null, html: '<p>hi</p>', cc: [], bcc: [], messageId: 'm1@acme.example' },
    ...{ inReplyTo: null, references: [] },
  }
  const told = await outside.tell(carol, {
    body: 'hi',
    transport: 'email',
    carrier: 'sendgrid',
    email,
    authorId: bob.id,
  })
  await outside.report(told, { status: 'failed', code: 'bounced', reason: 'There is no such mailbox.' })
  const file = { name: 'ünicode plan.txt', contentType: 'text/plain', sizeBytes: 5 }
  const fileId = await upload(bob, file)
  await outside.hear(carol, { body: '', transport: 'whatsapp', attachments: [{ fileId, ...file }] })
  const [failed, pictured] = (await data(200, bob.get(path))).data
  assert.deepEqual([failed.channel, failed.status], ['Email', 'failed'])
  assert.deepEqual(failed.metadata, {
    ...{ emailMessageId: 'm1@acme.example', subject: 'Your order' },
    ...{ errorCode: 'bounced', errorMessage: 'There is no such mailbox.' },
  })
  const [{ url: link, ...attachment }] = pictured.metadata.attachments
  assert.deepEqual(attachment, { filename: file.name, contentType: file.contentType, size: 5 })
  assert.equal(await (await fetch(link)).text(), 'hello')
  const forged = link.replace(/signature=(.)/, (_: string, first: string) => `signature=${first === 'A' ? 'B' : 'A'}`)
  assert.equal((await fetch(forged)).status, 403)
})

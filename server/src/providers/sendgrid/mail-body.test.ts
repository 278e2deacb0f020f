import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { Outgoing } from '../../core/deliveries/carrier.ts'
import { readSendgridContract } from '../../testing/emulators/sendgrid-contracts.ts'
import { aFile, anEmail, unbroken } from '../../testing/emulators/sendgrid-world.ts'
import { buildMail, type MailBody } from './mail-body.ts'

type Recorded = { name: string; body: Record<string, unknown> }

const build = async (message: Outgoing): Promise<MailBody> => {
  const mail = await buildMail(message, unbroken())
  if ('problem' in mail) throw new Error(mail.problem)
  return mail
}

test('what is posted is what the official SDK posts', async (t) => {
  const file = await readSendgridContract(t, 'sdk-requests.json')
  if (file === undefined) return
  const recorded: Recorded[] = JSON.parse(file.toString()).requests
  const sdk = (name: string) => recorded.find((request) => request.name === name)!.body
  const from = 'from@example.com'
  const to = 'a@example.com'

  const { reply_to, ...copies } = sdk('html and text with cc bcc reply-to')
  assert.ok(reply_to)
  const { headers, custom_args, ...mail } = await build(
    anEmail({
      from,
      to,
      body: 'plain',
      email: { fromName: 'Sender', subject: 'Hi', html: '<b>html</b>', cc: ['c@example.com'], bcc: ['b@example.com'] },
    }),
  )
  assert.deepEqual(mail, copies)

  // The recorded one has an inline image besides, which we do not send, and a name of the recipient, which we do not know.
  const filed = sdk('attachments inline and file')
  const { attachments } = await build(
    anEmail({ from, to, body: 'x', files: [aFile('a.txt', 'hello')], email: { html: null } }),
  )
  assert.deepEqual(attachments, (filed.attachments as unknown[]).slice(0, 1))

  const { categories, send_at, ...threaded } = sdk('custom args, categories, headers, sendAt, threading')
  assert.ok(categories && send_at)
  const answer = await build(
    anEmail({
      from,
      to,
      body: 'x',
      email: {
        fromName: null,
        subject: 'Re: Hi',
        html: null,
        messageId: 'me@x',
        inReplyTo: 'x@example.com',
        references: ['x@example.com'],
      },
    }),
  )
  assert.deepEqual(answer, {
    ...threaded,
    headers: { 'Message-ID': '<me@x>', ...(threaded.headers as object) },
    custom_args: { delivery: '0190f5fe-0000-7000-8000-000000000001' },
  })
})

test('an address is named once, whatever the case of its letters, and where it counts most', async () => {
  const mail = await build(
    anEmail({
      to: 'Ada@example.org',
      email: {
        cc: ['ada@example.org', 'bob@example.com', 'BOB@example.com'],
        bcc: ['bob@example.com', 'eve@example.com', 'ADA@EXAMPLE.ORG'],
      },
    }),
  )
  assert.deepEqual(mail.personalizations, [
    { to: [{ email: 'Ada@example.org' }], cc: [{ email: 'bob@example.com' }], bcc: [{ email: 'eve@example.com' }] },
  ])
})

test('what SendGrid would refuse for being empty is filled', async () => {
  const bare = await build(anEmail({ body: '', email: { subject: ' ', html: null } }))
  assert.equal(bare.subject, '(no subject)')
  assert.deepEqual(bare.content, [{ type: 'text/plain', value: ' ' }])
  const rich = await build(anEmail({ body: '' }))
  assert.deepEqual(
    rich.content.map(({ type }) => type),
    ['text/html'],
  )
})

test('nothing begins a header of its own', async () => {
  const mail = await build(
    anEmail({
      files: [aFile('a\r\nb.txt', 'x')],
      email: {
        subject: 'Hi\r\nBcc: eve@example.com',
        fromName: 'Bob\nX: y',
        messageId: 'a> \r\nX: <b@x',
        references: ['<1@x>'],
      },
    }),
  )
  assert.equal(mail.subject, 'Hi Bcc: eve@example.com')
  assert.equal(mail.from.name, 'Bob X: y')
  assert.equal(mail.headers['Message-ID'], '<aX:b@x>')
  assert.equal(mail.headers.References, '<1@x>')
  assert.equal(mail.attachments?.[0]?.filename, 'a b.txt')
})

test('a long thread keeps its beginning and its end', async () => {
  const references = Array.from({ length: 50 }, (_, at) => `${at}@x`)
  const ids = (await build(anEmail({ email: { references } }))).headers.References!.split(' ')
  assert.equal(ids.length, 20)
  assert.deepEqual([ids[0], ids[1], ids.at(-1)], ['<0@x>', '<31@x>', '<49@x>'])
})

test('an email that is too large, or whose file cannot be read, is never sent', async () => {
  const whole = aFile('a.bin', 'x')
  const cases: [Outgoing, string, boolean][] = [
    [anEmail({ files: [{ ...whole, sizeBytes: 24_000_000 }] }), 'too_large', true],
    [anEmail({ body: 'x'.repeat(32_000_000) }), 'too_large', true],
    [anEmail({ files: [{ ...whole, open: () => Promise.reject(new Error('gone')) }] }), 'file_unreadable', false],
    [anEmail({ files: [{ ...whole, sizeBytes: 2 }] }), 'file_unreadable', false],
    [anEmail({ files: [{ ...whole, open: async () => Readable.from(['xx']) }] }), 'file_unreadable', false],
    [{ ...anEmail(), email: null }, 'not_an_email', true],
  ]
  for (const [message, code, isFinal] of cases) {
    const { problem, ...rest } = (await buildMail(message, unbroken())) as { problem: string }
    assert.deepEqual(rest, { code, isFinal })
    assert.ok(problem)
  }
})

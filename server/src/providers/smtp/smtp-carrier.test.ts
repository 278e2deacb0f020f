import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { simpleParser } from 'mailparser'
import type { Handover, Outgoing } from '../../core/deliveries/carrier.ts'
import { until } from '../../testing/client-world.ts'
import { aFile, anEmail, unbroken } from '../../testing/emulators/sendgrid-world.ts'
import { type SmtpEmulatorOptions, startSmtpEmulator } from '../../testing/emulators/smtp.ts'
import { createSmtpCarrier, type SmtpOptions } from './smtp-carrier.ts'

const OPENSSL = 'openssl'

type Options = { server?: SmtpEmulatorOptions; carrier?: Partial<SmtpOptions> }

async function open(t: TestContext, { server, carrier: options }: Options = {}) {
  const smtp = await startSmtpEmulator(server)
  const carrier = createSmtpCarrier({ url: smtp.url, ...options })
  t.after(async () => {
    await carrier.close()
    await smtp.close()
  })
  return { smtp, carrier, handOver: (message: Outgoing = anEmail()) => carrier.handOver(message, unbroken()) }
}

function summary(handover: Handover) {
  const { outcome } = handover
  if (outcome === 'accepted') return 'accepted'
  if (outcome === 'unknown') return `unknown ${handover.code}`
  return `refused ${handover.code}${handover.isFinal ? ', final' : ''}`
}

test('an email arrives as it was meant, under our Message-ID', async (t) => {
  const { smtp, handOver } = await open(t)
  const message = anEmail({
    files: [aFile('naïve ✓.txt', 'hello')],
    email: {
      cc: ['bob@example.com', 'ADA@example.org'],
      bcc: ['eve@example.com'],
      inReplyTo: '2@x',
      references: ['1@x', '2@x'],
    },
  })
  const { messageId } = message.email!
  assert.deepEqual(await handOver(message), { outcome: 'accepted', carrierId: messageId, carrierStatus: 'accepted' })
  const [{ from, to, raw }] = smtp.messages() as [typeof smtp.messages extends () => readonly (infer M)[] ? M : never]
  assert.equal(from, 'team@example.com')
  assert.deepEqual(to, ['ada@example.org', 'bob@example.com', 'eve@example.com'])
  assert.doesNotMatch(raw, /eve@example\.com/)
  const mail = await simpleParser(raw)
  assert.equal(mail.messageId, `<${messageId}>`)
  assert.equal(mail.inReplyTo, '<2@x>')
  assert.deepEqual(mail.references, ['<1@x>', '<2@x>'])
  assert.equal(mail.subject, 'Your order — ✓')
  assert.deepEqual(mail.from?.value, [{ address: 'team@example.com', name: 'The team' }])
  // A line with nothing but a dot would end the message, were it not doubled on its way.
  assert.equal(mail.text?.trim(), 'Hello ✓\n.\nBye')
  assert.equal(String(mail.html).trim(), '<p>Hello <b>✓</b></p>')
  assert.deepEqual(
    mail.attachments.map(({ filename, content }) => [filename, content.toString()]),
    [['naïve ✓.txt', 'hello']],
  )
})

test('nothing begins a header of its own', async (t) => {
  const { smtp, handOver } = await open(t)
  await handOver(
    anEmail({
      email: { subject: 'Hi\r\nBcc: eve@example.com', fromName: 'Bob\r\nX-Evil: 1', messageId: 'a@x>\r\nX-Evil: <1' },
    }),
  )
  const { headers } = await simpleParser(smtp.messages()[0]!.raw)
  assert.equal(headers.has('bcc'), false)
  assert.equal(headers.has('x-evil'), false)
})

test('the server’s answer decides, at each stage: 4xx can be tried again, 5xx cannot', async (t) => {
  const { smtp, handOver } = await open(t)
  for (const at of ['mail', 'rcpt', 'data'] as const) {
    smtp.fail({ kind: 'refuse', at, code: 451 })
    assert.equal(summary(await handOver()), 'refused smtp_451', at)
    smtp.fail({ kind: 'refuse', at, code: 550, text: '5.1.1 No such user' })
    const handover = await handOver()
    assert.equal(summary(handover), 'refused smtp_550, final', at)
    assert.match('reason' in handover ? handover.reason : '', /The mail server says: 550 5\.1\.1 No such user/)
  }
  assert.equal(smtp.messages().length, 0)
  assert.equal(summary(await handOver()), 'accepted')
})

test('a server that does not want us now lets the email wait', async (t) => {
  const { smtp, handOver } = await open(t)
  for (const code of [421, 554]) {
    smtp.fail({ kind: 'refuse', at: 'connect', code })
    assert.equal(summary(await handOver()), `refused smtp_${code}`)
  }
})

test('a wrong password lets the email wait, a right one is taken', async (t) => {
  const { smtp, handOver } = await open(t, { server: { credentials: { user: 'ada', pass: 's/ecret' } } })
  assert.equal(summary(await handOver()), 'refused smtp_530, final')
  for (const [password, expected] of [
    ['wrong', 'refused smtp_535'],
    ['s%2Fecret', 'accepted'],
  ] as const) {
    const carrier = createSmtpCarrier({ url: smtp.url.replace('//', `//ada:${password}@`) })
    t.after(() => carrier.close())
    assert.equal(summary(await carrier.handOver(anEmail(), unbroken())), expected)
  }
})

test('a connection that breaks before the final dot is no handover, one that breaks after it is unknown', async (t) => {
  const { smtp, handOver } = await open(t)
  for (const at of ['connect', 'mail', 'rcpt'] as const) {
    smtp.fail({ kind: 'cut', at })
    assert.equal(summary(await handOver()), 'refused not_reached', at)
  }
  // So large that it cannot all be on its way when the connection breaks.
  const large = anEmail({ files: [aFile('large.bin', Buffer.alloc(16_000_000, 'x'))] })
  smtp.fail({ kind: 'cut', at: 'data' })
  assert.equal(summary(await handOver(large)), 'refused not_reached')
  assert.equal(smtp.messages().length, 0)
  smtp.fail({ kind: 'cut', at: 'end' })
  assert.equal(summary(await handOver()), 'unknown no_answer')
  assert.equal(smtp.messages().length, 1)
})

test('a server that falls silent is not waited for: before the dot it is no handover, after it unknown', async (t) => {
  const { smtp, handOver } = await open(t, { carrier: { timeouts: { silenceMs: 2_000, connectMs: 5_000 } } })
  smtp.fail({ kind: 'hang', at: 'rcpt' })
  assert.equal(summary(await handOver()), 'refused not_reached')
  smtp.fail({ kind: 'hang', at: 'end' })
  assert.equal(summary(await handOver()), 'unknown no_answer')
  const mute = createServer(() => {}).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  t.after(() => mute.close())
  const carrier = createSmtpCarrier({
    url: `smtp://127.0.0.1:${(mute.address() as AddressInfo).port}`,
    timeouts: { connectMs: 300 },
  })
  t.after(() => carrier.close())
  assert.equal(summary(await carrier.handOver(anEmail(), unbroken())), 'refused not_reached')
})

test('an email that is broken off is unknown once its dot is out, and refused before', async (t) => {
  const { smtp, carrier } = await open(t)
  smtp.fail({ kind: 'hang', at: 'end' })
  const late = new AbortController()
  const handing = carrier.handOver(anEmail(), late.signal)
  await until('the server has it', () => smtp.messages().length === 1)
  late.abort()
  assert.equal(summary(await handing), 'unknown no_answer')
  smtp.fail({ kind: 'hang', at: 'rcpt' })
  const early = new AbortController()
  const other = carrier.handOver(anEmail(), early.signal)
  await until('it is on its way', () => smtp.heldCount() === 2)
  early.abort()
  assert.equal(summary(await other), 'refused not_reached')
  assert.equal(summary(await carrier.handOver(anEmail(), early.signal)), 'refused not_reached')
  await until('nothing stays open', () => smtp.openCount() === 0)
  assert.equal(smtp.messages().length, 1)
})

test('where no connection can be made the email surely was not sent', async (t) => {
  const { smtp, handOver } = await open(t)
  await smtp.close()
  const down = await handOver()
  assert.equal(summary(down), 'refused not_reached')
  assert.match('reason' in down ? down.reason : '', /ECONNREFUSED/)
  const nameless = createSmtpCarrier({ url: 'smtp://mail.invalid' })
  t.after(() => nameless.close())
  assert.equal(summary(await nameless.handOver(anEmail(), unbroken())), 'refused not_reached')
})

test('connections are kept, shared in turn, and never more than allowed', async (t) => {
  const { smtp, handOver } = await open(t, { carrier: { connectionsMax: 2 } })
  smtp.fail({ kind: 'hang', at: 'mail' }, 2)
  const handovers = Array.from({ length: 20 }, () => handOver())
  await until('two are busy', () => smtp.heldCount() === 2)
  smtp.release()
  assert.deepEqual(new Set((await Promise.all(handovers)).map(summary)), new Set(['accepted']))
  assert.equal(smtp.messages().length, 20)
  assert.equal(smtp.sessionCount(), 2)
})

test('a kept connection that the server has closed costs no email', async (t) => {
  const { smtp, handOver } = await open(t, { carrier: { connectionsMax: 1 } })
  assert.equal(summary(await handOver()), 'accepted')
  smtp.dropConnections()
  assert.equal(summary(await handOver()), 'accepted')
  // Closed only when the next email begins: it goes out on a new connection.
  smtp.fail({ kind: 'cut', at: 'mail' })
  assert.equal(summary(await handOver()), 'accepted')
  smtp.fail({ kind: 'refuse', at: 'mail', code: 421 })
  assert.equal(summary(await handOver()), 'accepted')
  assert.equal(smtp.messages().length, 4)
  // With the dot out it stays with one try.
  smtp.fail({ kind: 'cut', at: 'end' })
  assert.equal(summary(await handOver()), 'unknown no_answer')
  assert.equal(smtp.messages().length, 5)
})

test('an email whose copies alone were taken is refused for good', async (t) => {
  const { smtp, handOver } = await open(t)
  const message = anEmail({ email: { cc: ['bob@example.com'] } })
  smtp.fail({ kind: 'refuse', at: 'rcpt', code: 450, recipient: 'ada@example.org' })
  assert.equal(summary(await handOver(message)), 'refused smtp_450, final')
  assert.deepEqual(smtp.messages()[0]!.to, ['bob@example.com'])
  smtp.fail({ kind: 'refuse', at: 'rcpt', code: 550, recipient: 'bob@example.com' })
  assert.equal(summary(await handOver(message)), 'accepted')
})

test('what a server does not take in size is final', async (t) => {
  const { smtp, handOver } = await open(t, { server: { bytesMax: 10_000 } })
  assert.equal(summary(await handOver(anEmail({ body: 'x'.repeat(20_000) }))), 'refused too_large, final')
  assert.equal(
    summary(await handOver(anEmail({ files: [{ ...aFile('a', 'x'), sizeBytes: 40_000_000 }] }))),
    'refused too_large, final',
  )
  assert.equal(
    summary(
      await handOver(anEmail({ files: [{ ...aFile('a', 'x'), open: () => Promise.reject(new Error('gone')) }] })),
    ),
    'refused file_unreadable',
  )
  assert.equal(smtp.messages().length, 0)
})

test('TLS is as the URL says, and a certificate that nobody vouches for is refused', async (t) => {
  for (const tls of ['implicit', 'starttls'] as const) {
    const { smtp, handOver } = await open(t, { server: { tls } })
    const untrusted = await handOver()
    assert.equal(summary(untrusted), 'refused not_reached', tls)
    assert.equal(smtp.messages().length, 0)
    const plain = createSmtpCarrier({ url: `smtp://127.0.0.1:${smtp.port}?starttls=never` })
    t.after(() => plain.close())
    if (tls === 'starttls') {
      assert.equal(summary(await plain.handOver(anEmail(), unbroken())), 'accepted')
      assert.equal(smtp.messages()[0]!.isEncrypted, false)
    }
  }
  const { smtp } = await open(t)
  const strict = createSmtpCarrier({ url: `${smtp.url}?starttls=required` })
  t.after(() => strict.close())
  assert.equal(summary(await strict.handOver(anEmail(), unbroken())), 'refused smtp_500')
  assert.equal(smtp.messages().length, 0)
})

test('within TLS that is vouched for the email is encrypted', async (t) => {
  const certificate = makeCertificate()
  if (certificate === undefined) return t.skip('there is no openssl to make a certificate with')
  for (const tls of ['implicit', 'starttls'] as const) {
    const { smtp } = await open(t, { server: { tls, certificate, credentials: { user: 'ada', pass: 'secret' } } })
    const url = `${smtp.url.replace('//127.0.0.1', '//ada:secret@localhost')}?starttls=required`
    const carrier = createSmtpCarrier({ url, ca: certificate.cert })
    t.after(() => carrier.close())
    assert.equal(summary(await carrier.handOver(anEmail(), unbroken())), 'accepted', tls)
    assert.equal(smtp.messages()[0]!.isEncrypted, true)
  }
})

function makeCertificate(): { key: string; cert: string } | undefined {
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'
  const options = [...request.split(' '), '-addext', 'subjectAltName=DNS:localhost', '-keyout', '-']
  const { status, stdout } = spawnSync(OPENSSL, options, { encoding: 'utf8' })
  const pem = (label: RegExp) => stdout.match(label)?.[0] ?? ''
  if (status !== 0) return undefined
  return {
    key: pem(/-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/),
    cert: pem(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/),
  }
}

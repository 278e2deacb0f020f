import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Handover } from '../../core/deliveries/carrier.ts'
import { until } from '../../testing/client-world.ts'
import { startSendgridEmulator } from '../../testing/emulators/sendgrid.ts'
import { aFile, anEmail, unbroken } from '../../testing/emulators/sendgrid-world.ts'
import { createSendgridCarrier } from './sendgrid-carrier.ts'

async function open(t: TestContext, options: { timeoutMs?: number; apiKey?: string } = {}) {
  const sendgrid = await startSendgridEmulator()
  const carrier = createSendgridCarrier({ baseUrl: sendgrid.url, apiKey: sendgrid.apiKey, ...options })
  t.after(() => Promise.all([carrier.close(), sendgrid.close()]))
  return { sendgrid, carrier, handOver: () => carrier.handOver(anEmail(), unbroken()) }
}

function expectRefused(handover: Handover, expected: { isFinal: boolean; code: string; reason: RegExp }) {
  assert.equal(handover.outcome, 'refused', JSON.stringify(handover))
  if (handover.outcome !== 'refused') return
  assert.equal(handover.isFinal, expected.isFinal, handover.reason)
  assert.equal(handover.code, expected.code)
  assert.match(handover.reason, expected.reason)
}

test('an accepted email is known by SendGrid’s id, and carries ours', async (t) => {
  const { sendgrid, carrier } = await open(t)
  const message = anEmail({
    files: [aFile('naïve ✓.txt', 'hello')],
    email: { cc: ['bob@example.com'], bcc: ['eve@example.com'] },
  })
  const handover = await carrier.handOver(message, unbroken())
  const [mail] = sendgrid.sent()
  assert.deepEqual(handover, { outcome: 'accepted', carrierId: mail!.id, carrierStatus: 'accepted' })
  assert.deepEqual(mail!.customArgs, { delivery: message.deliveryId })
  assert.deepEqual(mail!.recipients, ['ada@example.org', 'bob@example.com', 'eve@example.com'])
  assert.deepEqual(mail!.body.content, [
    { type: 'text/plain', value: 'Hello ✓\n.\nBye' },
    { type: 'text/html', value: '<p>Hello <b>✓</b></p>' },
  ])
  assert.deepEqual(mail!.body.attachments, [
    { content: 'aGVsbG8=', filename: 'naïve ✓.txt', type: 'text/plain', disposition: 'attachment' },
  ])
  assert.equal(await carrier.find(message, '2026-01-01T00:00:00.000Z', unbroken()), undefined)
})

test('what is wrong with an email is final, and said plainly', async (t) => {
  const { sendgrid, carrier } = await open(t)
  const handover = await carrier.handOver(anEmail({ to: 'nonsense' }), unbroken())
  const reason = /Does not contain a valid address\. \(personalizations\.0\.to\.0\.email\)\. Check the email address\./
  expectRefused(handover, { isFinal: true, code: 'http_400', reason })
  sendgrid.setVerifiedSenders(['other@example.com'])
  const unverified = await carrier.handOver(anEmail(), unbroken())
  expectRefused(unverified, {
    isFinal: true,
    code: 'http_403',
    reason: /Verify this address or its domain in SendGrid/,
  })
  sendgrid.setVerifiedSenders([])
  sendgrid.fail({ kind: 'answer', status: 413, body: '<html>Too large</html>' })
  const large = await carrier.handOver(anEmail(), unbroken())
  expectRefused(large, { isFinal: true, code: 'http_413', reason: /status 413\. Send fewer or smaller files/ })
  assert.equal(sendgrid.sent().length, 0)
})

test('what is wrong with the account lets the email wait', async (t) => {
  const { handOver } = await open(t, { apiKey: 'SG.wrong' })
  expectRefused(await handOver(), { isFinal: false, code: 'http_401', reason: /PARLANCE_SENDGRID_API_KEY/ })
  const other = await open(t)
  const says = (status: number, message: string) =>
    other.sendgrid.fail({ kind: 'answer', status, body: JSON.stringify({ errors: [{ message, field: null }] }) })
  says(401, 'Maximum credits exceeded')
  expectRefused(await other.handOver(), { isFinal: false, code: 'http_401', reason: /upgrade it or wait/ })
  says(403, 'access forbidden')
  expectRefused(await other.handOver(), { isFinal: false, code: 'http_403', reason: /permission Mail Send/ })
  says(404, 'not found')
  expectRefused(await other.handOver(), { isFinal: false, code: 'http_404', reason: /BASE_URL/ })
  other.sendgrid.fail({ kind: 'answer', status: 301, headers: { location: 'https://example.com/' }, body: '' })
  expectRefused(await other.handOver(), { isFinal: false, code: 'http_301', reason: /status 301/ })
  assert.equal(other.sendgrid.sent().length, 0)
})

test('who sends too much is told how long to wait', async (t) => {
  const { sendgrid, handOver } = await open(t)
  const waits = async (headers: Record<string, string>) => {
    sendgrid.fail({ kind: 'answer', status: 429, headers })
    const handover = await handOver()
    expectRefused(handover, { isFinal: false, code: 'http_429', reason: /tried again later|internal/ })
    return handover.outcome === 'refused' ? handover.retryAfterMs : null
  }
  sendgrid.fail({ kind: 'rate_limited', retryAfterSeconds: 7 })
  const limited = await handOver()
  assert.equal(limited.outcome === 'refused' && limited.retryAfterMs, 7_000)
  const near = (ms: number | null, expected: number) =>
    assert.ok(ms !== null && ms <= expected && ms > expected - 60_000, String(ms))
  near(await waits({ 'retry-after': new Date(Date.now() + 120_000).toUTCString() }), 120_000)
  near(await waits({ 'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 120) }), 120_000)
  assert.equal(await waits({ 'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 9_999_999) }), 3_600_000)
  assert.equal(await waits({ 'x-ratelimit-reset': 'soon' }), null)
})

test('an error of SendGrid’s may follow acceptance, so nobody can know', async (t) => {
  const { sendgrid, handOver } = await open(t)
  for (const status of [500, 502, 504]) {
    sendgrid.fail({ kind: 'accept_and_fail', status })
    const handover = await handOver()
    assert.deepEqual([handover.outcome, 'code' in handover && handover.code], ['unknown', `http_${status}`])
  }
  assert.equal(sendgrid.sent().length, 3)
  sendgrid.fail({ kind: 'answer', status: 503, body: 'upstream connect error or disconnect/reset before headers' })
  assert.equal((await handOver()).outcome, 'unknown')
  sendgrid.fail({ kind: 'answer', status: 503, headers: { 'retry-after': '30' } })
  const unavailable = await handOver()
  assert.deepEqual(
    [unavailable.outcome, unavailable.outcome === 'refused' && [unavailable.isFinal, unavailable.retryAfterMs]],
    ['refused', [false, 30_000]],
  )
})

test('an answer that does not come, or breaks off, leaves it unknown, whatever SendGrid did', async (t) => {
  const { sendgrid, handOver } = await open(t, { timeoutMs: 3_000 })
  for (const kind of ['accept_and_cut', 'accept_and_cut_answer', 'cut', 'hang'] as const) {
    sendgrid.fail({ kind })
    const handover = await handOver()
    assert.deepEqual([handover.outcome, 'code' in handover && handover.code], ['unknown', 'no_answer'], kind)
  }
  assert.equal(sendgrid.sent().length, 3)
})

test('an email that is broken off on its way is unknown, and one that never left is refused', async (t) => {
  const { sendgrid, carrier } = await open(t)
  sendgrid.fail({ kind: 'hang' })
  const breaking = new AbortController()
  const handing = carrier.handOver(anEmail(), breaking.signal)
  await until('SendGrid has it', () => sendgrid.sent().length === 1)
  breaking.abort()
  assert.equal((await handing).outcome, 'unknown')
  expectRefused(await carrier.handOver(anEmail(), breaking.signal), {
    isFinal: false,
    code: 'not_reached',
    reason: /broken off/,
  })
})

test('where no connection can be made the email surely was not sent', async (t) => {
  const { sendgrid, handOver } = await open(t)
  await sendgrid.goDown()
  expectRefused(await handOver(), { isFinal: false, code: 'not_reached', reason: /refused/ })
  await sendgrid.comeUp()
  assert.equal((await handOver()).outcome, 'accepted')

  const nameless = createSendgridCarrier({ baseUrl: 'http://sendgrid.invalid', apiKey: 'x' })
  t.after(() => nameless.close())
  expectRefused(await nameless.handOver(anEmail(), unbroken()), {
    isFinal: false,
    code: 'not_reached',
    reason: /host name/,
  })

  const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
  await once(plain, 'listening')
  t.after(() => plain.close())
  const address = plain.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const tls = createSendgridCarrier({ baseUrl: `https://127.0.0.1:${port}`, apiKey: 'x' })
  t.after(() => tls.close())
  expectRefused(await tls.handOver(anEmail(), unbroken()), {
    isFinal: false,
    code: 'not_reached',
    reason: /SendGrid did not answer/,
  })
})

test('an acceptance is one, however odd its answer', async (t) => {
  const { sendgrid, handOver } = await open(t)
  const { messageId } = anEmail().email!
  sendgrid.fail({ kind: 'answer', status: 202, body: 'not json' })
  assert.deepEqual(await handOver(), { outcome: 'accepted', carrierId: messageId, carrierStatus: 'accepted' })
  sendgrid.fail({ kind: 'answer', status: 200, headers: { 'x-message-id': 'abc' }, body: '{}' })
  assert.deepEqual(await handOver(), { outcome: 'accepted', carrierId: 'abc', carrierStatus: 'accepted' })
})

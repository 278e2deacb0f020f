import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Handover } from '../../core/deliveries/carrier.ts'
import type { Fault } from '../../testing/emulators/twilio-faults.ts'
import { aMessage, openCarrier, openTwilio, unbroken } from '../../testing/emulators/twilio-world.ts'
import { createTwilioCarrier } from './carrier.ts'

test('a message that Twilio takes is accepted, under Twilio’s id', async (t) => {
  const twilio = await openTwilio(t)
  twilio.setPlan(null)
  const handover = await openCarrier(t, twilio).handOver(aMessage(), unbroken())
  const [made] = twilio.messages()
  assert.deepEqual(handover, { outcome: 'accepted', carrierId: made!.sid, carrierStatus: 'queued' })
  assert.equal(made!.body, 'Hello ✓')
})

test('an error of Twilio’s is a refusal that says what to do', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const invalid = await carrier.handOver(aMessage({ to: '+15005550001' }), unbroken())
  assert.deepEqual(invalid, {
    outcome: 'refused',
    isFinal: true,
    code: '21211',
    reason: 'This is not a phone number: correct it.',
    retryAfterMs: null,
  })
  const isFinal = async (message: object) => {
    const { outcome, ...rest } = await carrier.handOver(aMessage(message), unbroken())
    return [outcome, 'isFinal' in rest && rest.isFinal, 'code' in rest && rest.code]
  }
  assert.deepEqual(await isFinal({ to: '+15005550004' }), ['refused', true, '21610'])
  assert.deepEqual(await isFinal({ from: '+15005550008' }), ['refused', false, '21611'])
  assert.deepEqual(await isFinal({ body: 'x'.repeat(1_601) }), ['refused', true, '21617'])
})

test('wrong credentials are a refusal for good', async (t) => {
  const twilio = await openTwilio(t)
  const handover = await openCarrier(t, twilio, { authToken: 'old' }).handOver(aMessage(), unbroken())
  assert.ok(handover.outcome === 'refused' && handover.isFinal)
  assert.equal(handover.code, '20003')
  assert.equal(twilio.messages().length, 0)
})

test('too many requests are a refusal for now, and Retry-After is kept', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const wait = async (retryAfter?: string) => {
    twilio.fail({ kind: 'rate_limited', retryAfter })
    const handover = await carrier.handOver(aMessage(), unbroken())
    assert.ok(handover.outcome === 'refused' && !handover.isFinal)
    assert.equal(handover.code, '20429')
    return handover.retryAfterMs
  }
  assert.equal(await wait('7'), 7_000)
  assert.equal(await wait(), null)
  const inAnHour = await wait(new Date(Date.now() + 3_600_000).toUTCString())
  assert.ok(inAnHour !== null && inAnHour > 3_000_000 && inAnHour <= 3_600_000)
  assert.equal(twilio.messages().length, 0)
})

test('an answer that does not say whether the message was taken leaves it unknown', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const outcomes: [Fault, string][] = [
    [{ kind: 'server_error', status: 500 }, '20500'],
    [{ kind: 'server_error', status: 503 }, '20503'],
    [{ kind: 'no_json', status: 502 }, 'http_502'],
    [{ kind: 'no_json', status: 504 }, 'http_504'],
    [{ kind: 'no_json', status: 408 }, 'http_408'],
    [{ kind: 'no_json', status: 201 }, 'broken_answer'],
    [{ kind: 'no_json', status: 200 }, 'broken_answer'],
    [{ kind: 'cut', at: 'start' }, 'no_answer'],
    [{ kind: 'cut', at: 'headers' }, 'no_answer'],
    [{ kind: 'cut', at: 'body', isAccepted: true }, 'broken_answer'],
  ]
  for (const [fault, code] of outcomes) {
    twilio.fail(fault)
    const handover = await carrier.handOver(aMessage(), unbroken())
    assert.deepEqual([handover.outcome, codeOf(handover)], ['unknown', code], JSON.stringify(fault))
  }
  assert.equal(twilio.requests.length, outcomes.length, 'nothing is sent twice')
})

test('a refusal by something before Twilio is a refusal, even though it does not say why', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  for (const status of [403, 404, 302]) {
    twilio.fail({ kind: 'no_json', status })
    const handover = await carrier.handOver(aMessage(), unbroken())
    assert.deepEqual([handover.outcome, codeOf(handover)], ['refused', `http_${status}`])
  }
})

test('silence after the request leaves the message unknown', async (t) => {
  const twilio = await openTwilio(t)
  twilio.fail({ kind: 'no_answer', isAccepted: true })
  const handover = await openCarrier(t, twilio, { timeoutMs: 1_000 }).handOver(aMessage(), unbroken())
  assert.deepEqual(handover, {
    outcome: 'unknown',
    code: 'no_answer',
    reason: 'Twilio did not answer: no answer in time.',
  })
  assert.equal(twilio.messages().length, 1)
})

test('where no connection was made the message was surely not taken, and may be handed over again', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  await carrier.handOver(aMessage(), unbroken())
  await twilio.goDown()
  const refused = await carrier.handOver(aMessage(), unbroken())
  assert.deepEqual(refused, {
    outcome: 'refused',
    isFinal: false,
    code: 'not_reached',
    reason: 'Twilio could not be reached: the connection was refused.',
    retryAfterMs: null,
    isDown: true,
  })
  await twilio.comeUp()
  assert.equal((await carrier.handOver(aMessage(), unbroken())).outcome, 'accepted')

  for (const baseUrl of ['http://nobody.invalid', twilio.url.replace('http:', 'https:')]) {
    const other = openCarrier(t, twilio, { baseUrl })
    const handover = await other.handOver(aMessage(), unbroken())
    assert.deepEqual([handover.outcome, codeOf(handover)], ['refused', 'not_reached'])
  }
})

test('a connection that is never made in time is a refusal for now', async (t) => {
  const { port } = await openTcp(t, () => {})
  const carrier = createTwilioCarrier({
    accountSid: 'AC1',
    authToken: 'x',
    baseUrl: `https://127.0.0.1:${port}`,
    timeoutMs: 50,
  })
  t.after(() => carrier.close())
  const handover = await carrier.handOver(aMessage(), unbroken())
  assert.deepEqual([handover.outcome, codeOf(handover)], ['refused', 'not_reached'])
})

test('a request that breaks in the middle leaves the message unknown', async (t) => {
  // It reads a little of what comes, and cuts.
  const { port } = await openTcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  const carrier = createTwilioCarrier({ accountSid: 'AC1', authToken: 'x', baseUrl: `http://127.0.0.1:${port}` })
  t.after(() => carrier.close())
  const handover = await carrier.handOver(aMessage({ body: 'x'.repeat(40_000) }), unbroken())
  assert.deepEqual([handover.outcome, codeOf(handover)], ['unknown', 'no_answer'])
})

test('breaking off leaves the message unknown once the request was written, and not before', async (t) => {
  const written = Promise.withResolvers<void>()
  const { port } = await openTcp(t, (socket) => socket.once('data', () => written.resolve()))
  const carrier = createTwilioCarrier({ accountSid: 'AC1', authToken: 'x', baseUrl: `http://127.0.0.1:${port}` })
  t.after(() => carrier.close())
  const controller = new AbortController()
  const pending = carrier.handOver(aMessage(), controller.signal)
  await written.promise
  controller.abort()
  assert.equal((await pending).outcome, 'unknown')
  const before = await carrier.handOver(aMessage(), AbortSignal.abort())
  assert.deepEqual([before.outcome, codeOf(before)], ['refused', 'not_reached'])
})

function codeOf(handover: Handover): string | undefined {
  return 'code' in handover ? handover.code : undefined
}

async function openTcp(t: TestContext, handle: (socket: Socket) => void): Promise<{ port: number }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port }
}

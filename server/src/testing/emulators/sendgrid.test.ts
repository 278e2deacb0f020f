import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  isSignedBySendgrid,
  parseEventKey,
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
} from '../../providers/sendgrid/event-signature.ts'
import { parseEvents } from '../../providers/sendgrid/parse-events.ts'
import { createSendgridCarrier } from '../../providers/sendgrid/sendgrid-carrier.ts'
import { openReceiver, type Received } from '../webhook-receiver.ts'
import { startSendgridEmulator } from './sendgrid.ts'
import type { EventKind } from './sendgrid-events.ts'
import { anEmail, startEmulatorProcess, unbroken } from './sendgrid-world.ts'

const ALL: EventKind[] = [
  'processed',
  'deferred',
  'delivered',
  'open',
  'click',
  'bounce',
  'blocked',
  'dropped',
  'spamreport',
  'unsubscribe',
  'group_unsubscribe',
  'group_resubscribe',
]

async function open(t: TestContext) {
  const sendgrid = await startSendgridEmulator()
  const ours = await openReceiver(t)
  sendgrid.setWebhooks({ eventUrl: ours.url, inboundUrl: ours.url })
  const carrier = createSendgridCarrier({ baseUrl: sendgrid.url, apiKey: sendgrid.apiKey })
  t.after(() => Promise.all([carrier.close(), sendgrid.close()]))
  const key = parseEventKey(sendgrid.publicKey)
  const isSigned = ({ headers, body }: Received) =>
    isSignedBySendgrid({
      key,
      signature: headers[SIGNATURE_HEADER]?.toString(),
      timestamp: headers[TIMESTAMP_HEADER]?.toString(),
      rawBody: Buffer.from(body),
      maxAgeMs: 60_000,
    })
  const eventsOf = ({ body }: Received) => parseEvents(Buffer.from(body)).events
  return { sendgrid, ours, carrier, isSigned, eventsOf }
}

test('each kind of event is reported of a mail, signed, and names its delivery', async (t) => {
  const { sendgrid, ours, carrier, isSigned, eventsOf } = await open(t)
  const message = anEmail()
  const handover = await carrier.handOver(message, unbroken())
  await sendgrid.report(message.deliveryId, ALL)
  const [batch] = ours.received
  assert.equal(isSigned(batch!), true)
  const events = eventsOf(batch!)
  assert.deepEqual(
    events.map(({ event, type }) => (type === 'blocked' ? type : event)),
    ALL,
  )
  for (const event of events) {
    assert.equal(event.deliveryId, message.deliveryId)
    assert.equal(event.carrierId, handover.outcome === 'accepted' && handover.carrierId)
    assert.equal(event.messageId, message.email!.messageId)
  }
})

test('what is reported comes by itself, late, twice, in another order and under a false signature, as it is told', async (t) => {
  const { sendgrid, ours, carrier, isSigned, eventsOf } = await open(t)
  sendgrid.setPlan(['processed', 'delivered'])
  await carrier.handOver(anEmail(), unbroken())
  await sendgrid.untilQuiet()
  assert.deepEqual(
    eventsOf(ours.received[0]!).map(({ event }) => event),
    ['processed', 'delivered'],
  )
  const { deliveryId } = anEmail()
  await sendgrid.report(deliveryId, ['processed', 'delivered'], { times: 2, reversed: true, lateMs: 1 })
  const ids = ours.received.map((batch) => eventsOf(batch).map(({ id }) => id))
  assert.deepEqual(ids[1], ids[0]!.toReversed())
  assert.deepEqual(ids[2], ids[1])
  await sendgrid.report(deliveryId, ['open'], { signature: 'wrong' })
  await sendgrid.report(deliveryId, ['open'], { signature: 'none' })
  assert.deepEqual(ours.received.map(isSigned), [true, true, true, false, false])
})

test('the emulator runs as a process, is told what to do over HTTP, and ends when it is asked to', async (t) => {
  const ours = await openReceiver(t)
  const main = new URL('./sendgrid-main.ts', import.meta.url)
  const { where, order, end } = await startEmulatorProcess(t, main, ['--api-key', 'SG.other', '--event-url', ours.url])
  const carrier = createSendgridCarrier({ baseUrl: where.url!, apiKey: 'SG.other' })
  t.after(() => carrier.close())
  await order('POST /fail', { fault: { kind: 'accept_and_fail', status: 500 } })
  assert.equal((await carrier.handOver(anEmail(), unbroken())).outcome, 'unknown')
  await order('POST /set-plan', { events: ['delivered'] })
  assert.equal((await carrier.handOver(anEmail(), unbroken())).outcome, 'accepted')
  await order('POST /until-quiet')
  assert.equal(ours.received.length, 1)
  const inbound = { from: 'ada@example.org', to: 'team@example.com', subject: 'Hi', text: 'Hello' }
  assert.deepEqual(await order('POST /receive', { inbound, url: ours.url }), { status: 200, body: 'status 200' })
  assert.equal(((await order('GET /sent')) as unknown[]).length, 2)
  await order('POST /go-down')
  assert.equal((await carrier.handOver(anEmail(), unbroken())).outcome, 'refused')
  await order('POST /come-up')
  assert.equal((await carrier.handOver(anEmail(), unbroken())).outcome, 'accepted')
  await carrier.close()
  assert.equal(await end(), 0)
})

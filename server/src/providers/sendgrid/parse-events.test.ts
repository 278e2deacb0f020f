import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSendgridContract } from '../../testing/emulators/sendgrid-contracts.ts'
import { parseEvents } from './parse-events.ts'

const parse = (value: unknown) => parseEvents(Buffer.from(JSON.stringify(value)))

test('every event of the contracts is read', async (t) => {
  const all = await readSendgridContract(t, 'events/sendgrid-docs-all-event-types.json')
  const examples = await readSendgridContract(t, 'events/sendgrid-docs-examples.json')
  const captured = await readSendgridContract(t, 'events/anymail-events.json')
  const vectors = await readSendgridContract(t, 'events/signature-vectors.json')
  if (!all || !examples || !captured || !vectors) return
  const signed: { vectors: { body: string }[] } = JSON.parse(vectors.toString())
  const bodies: Buffer[] = [
    all,
    ...[...JSON.parse(examples.toString()), ...Object.values(JSON.parse(captured.toString()))].map((body) =>
      Buffer.from(JSON.stringify(body)),
    ),
    ...signed.vectors.filter(({ body }) => body.startsWith('[')).map(({ body }) => Buffer.from(body)),
  ]
  for (const body of bodies) {
    const count = JSON.parse(body.toString()).length
    const { events, malformedCount } = parseEvents(body)
    assert.equal(malformedCount, 0)
    assert.equal(events.length, count ?? 1)
    for (const event of events) {
      assert.ok(event.id !== '' && event.event !== '' && event.email !== null, JSON.stringify(event))
      assert.ok(event.at !== null && event.carrierId !== '', JSON.stringify(event))
    }
  }
})

test('an event names our delivery and its own id, and leaves out who read from where', () => {
  const { events } = parse([
    {
      email: 'ada@example.org',
      timestamp: 1_619_651_147,
      event: 'bounce',
      delivery: '0190f5fe',
      sg_event_id: 'Ym91bmNl',
      sg_message_id: 'qNwBLgPQQjW6DJvKQwSAbw.filterdrecv-canary-547b64655b-cw6zx-1-6089EA4A-56.0',
      'smtp-id': '<qNwB@ismtpd.sendgrid.net>',
      reason: '552 5.2.2 over quota',
      status: '5.2.2',
      type: 'blocked',
      ip: '192.0.2.1',
      useragent: 'Mozilla/5.0',
    },
  ])
  assert.deepEqual(events, [
    {
      id: 'Ym91bmNl',
      event: 'bounce',
      deliveryId: '0190f5fe',
      carrierId: 'qNwBLgPQQjW6DJvKQwSAbw',
      messageId: 'qNwB@ismtpd.sendgrid.net',
      email: 'ada@example.org',
      at: '2021-04-28T23:05:47.000Z',
      reason: '552 5.2.2 over quota',
      status: '5.2.2',
      type: 'blocked',
      url: null,
      isMachineOpen: false,
    },
  ])
})

test('an event that nobody knows is kept, and one that is none costs no other', () => {
  const { events, malformedCount } = parse([
    null,
    { event: 'delivered', sg_event_id: '1' },
    'text',
    { event: 5, sg_event_id: '2', timestamp: 'soon' },
    [],
    { event: '' },
    { sg_event_id: '3' },
    { event: 'teleported', sg_event_id: '4', timestamp: 1e300, delivery: { x: 1 }, reason: 'x\0y'.repeat(2_000) },
  ])
  assert.deepEqual(
    events.map(({ id, event }) => [id, event]),
    [
      ['1', 'delivered'],
      ['2', '5'],
      ['4', 'teleported'],
    ],
  )
  assert.equal(malformedCount, 5)
  assert.equal(events[2]!.deliveryId, null)
  assert.equal(events[2]!.at, null)
  assert.ok(events[2]!.reason!.length <= 2_000 && !events[2]!.reason!.includes('\0'))
})

test('an event without an id has the same one in each repeat, and another than others', () => {
  const event = { event: 'open', email: 'ada@example.org', timestamp: 1_700_000_000, sg_message_id: 'a.filter1' }
  const id = (value: object) => parse([value]).events[0]!.id
  assert.equal(id(event), id({ ...event, ip: '192.0.2.1' }))
  assert.notEqual(id(event), id({ ...event, timestamp: 1_700_000_001 }))
})

test('an open by Apple’s proxy is marked: nobody has read', () => {
  assert.equal(parse([{ event: 'open', sg_machine_open: true }]).events[0]!.isMachineOpen, true)
})

test('a body that is no JSON is refused', () => {
  assert.throws(() => parseEvents(Buffer.from('event=open')), { code: 'invalid_request' })
  assert.throws(() => parse(Array(10_001).fill({ event: 'open' })), { code: 'invalid_request' })
})

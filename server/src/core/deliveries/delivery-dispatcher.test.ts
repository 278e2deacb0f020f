import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { until } from '../../testing/client-world.ts'
import { accept, deliveryWorld, scriptCarrier } from '../../testing/delivery-world.ts'
import { SYSTEM } from '../actor.ts'
import { createContext } from '../context.ts'
import { applySteps } from './apply-steps.ts'
import type { Handover } from './carrier.ts'
import { LEASE_MS } from './claim-deliveries.ts'
import type { Delivery, HeardStep } from './schema.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const OURS = '+15005550006'
const THEIRS = '+15005550010'
const BUSY: Handover = { outcome: 'refused', isFinal: false, code: '429', reason: 'Too many.', retryAfterMs: null }
const DOWN: Handover = { ...BUSY, code: 'ECONNREFUSED', reason: 'Not reached.', isDown: true }

function report({ id }: Delivery, status: HeardStep['status'], key: string): HeardStep {
  return {
    deliveryId: id,
    attempt: null,
    status,
    source: 'report',
    dueAt: null,
    carrierId: `SM${id}`,
    carrierStatus: status,
    code: null,
    reason: null,
    reportKey: key,
    occurredAt: NOW,
  }
}

test('a message is handed over once, and each thing that becomes of it is announced', async (t) => {
  const world = await deliveryWorld(t)
  const { carrier } = world
  const sender = await world.addSender(OURS)
  const carol = await world.meet('carol')
  const delivery = await world.say(carol, 'Good morning 🌞', { sender, number: THEIRS })
  world.startCarrying()
  const sent = await world.untilStatus(delivery, 'sent')
  assert.deepEqual([sent.carrierId, sent.carrierStatus], [`SM${delivery.id}`, 'queued'])
  const [{ deliveryId, from, to, body, transport }] = carrier.taken as [(typeof carrier.taken)[0]]
  assert.deepEqual(
    { deliveryId, from, to, body, transport },
    { deliveryId: delivery.id, from: OURS, to: THEIRS, body: 'Good morning 🌞', transport: 'sms' },
  )
  const ctx = createContext(world.runtime.core, SYSTEM)
  await applySteps(ctx, [report(delivery, 'delivered', 'e1')])
  await applySteps(ctx, [report(delivery, 'delivered', 'e1'), report(delivery, 'sent', 'e0')])
  assert.equal(carrier.taken.length, 1)
  const steps = await world.stepsOf(delivery)
  assert.deepEqual(
    steps.map(({ status, source, carrierStatus }) => [status, source, carrierStatus]),
    [
      ['sent', 'attempt', 'queued'],
      ['delivered', 'report', 'delivered'],
      ['sent', 'report', 'sent'],
    ],
  )
  const told = (await world.events()).filter(({ streamId }) => streamId === carol.conversation.id)
  assert.deepEqual(
    told.map(({ type, data }) => [type, 'delivery' in data ? data.delivery?.status : undefined]),
    [
      ['contact_conversation.opened', undefined],
      ['message.created', 'queued'],
      ['delivery.updated', 'sent'],
      ['delivery.updated', 'delivered'],
    ],
  )
})

test('what was refused for the moment is offered again, no sooner than the carrier asked for', async (t) => {
  const world = await deliveryWorld(t)
  world.setNow(NOW)
  const answers: Handover[] = [{ ...BUSY, retryAfterMs: 60_000 }]
  world.carrier.answer = (message) => answers.shift() ?? accept(message)
  const sender = await world.addSender(OURS)
  const delivery = await world.say(await world.meet('carol'), 'hello', { sender, number: THEIRS })
  const dispatcher = world.startCarrying()
  const waiting = await until('it waits', async () => {
    const found = await world.find(delivery)
    return found.errorCode === '429' && found
  })
  assert.equal(waiting.status, 'queued')
  world.setNow(addMs(NOW, 59_999))
  dispatcher.wake()
  const other = await world.say(await world.meet('dan'), 'and you', { sender, number: '+15005550011' })
  await world.untilStatus(other, 'sent')
  assert.equal((await world.find(delivery)).status, 'queued', 'and it was in nobody’s way')
  world.setNow(addMs(NOW, 60_000))
  const sent = await world.untilStatus(delivery, 'sent')
  assert.equal(sent.errorCode, null)
})

test('a message is refused for good by the carrier, or after a day of trying, with a reason', async (t) => {
  const world = await deliveryWorld(t)
  world.setNow(NOW)
  const bad: Handover = { ...BUSY, isFinal: true, code: '21211', reason: 'This is not a phone number: correct it.' }
  world.carrier.answer = ({ to }) => (to === THEIRS ? bad : BUSY)
  const sender = await world.addSender(OURS)
  const carol = await world.meet('carol')
  const wrong = await world.say(carol, 'hello', { sender, number: THEIRS })
  const late = await world.say(carol, 'hello', { sender, number: '+15005550011' })
  world.startCarrying()
  const { errorCode, errorReason } = await world.untilStatus(wrong, 'failed')
  assert.deepEqual([errorCode, errorReason], ['21211', 'This is not a phone number: correct it.'])
  await until('it was tried', async () => (await world.find(late)).errorCode === '429')
  world.setNow(addMs(NOW, 24 * 3_600_000))
  assert.match((await world.untilStatus(late, 'failed')).errorReason!, /tried for a day/)
})

test('what may have been taken is not handed over again; a report says what became of it', async (t) => {
  const world = await deliveryWorld(t)
  world.carrier.answer = () => ({ outcome: 'unknown', code: 'ETIMEDOUT', reason: 'No answer came.' })
  const sender = await world.addSender(OURS)
  const carol = await world.meet('carol')
  const delivery = await world.say(carol, 'once', { sender, number: THEIRS })
  const dispatcher = world.startCarrying()
  await world.untilStatus(delivery, 'unknown')
  world.carrier.answer = accept
  const next = await world.say(carol, 'twice', { sender, number: THEIRS })
  dispatcher.wake()
  await world.untilStatus(next, 'sent')
  assert.deepEqual(
    world.carrier.taken.map(({ body }) => body),
    ['once', 'twice'],
  )
  await applySteps(createContext(world.runtime.core, SYSTEM), [report(delivery, 'delivered', 'e1')])
  const { status, errorCode } = await world.find(delivery)
  assert.deepEqual({ status, errorCode }, { status: 'delivered', errorCode: null })
})

test('a report that overtakes the answer to the send counts, and so does the answer', async (t) => {
  const world = await deliveryWorld(t)
  const answered = Promise.withResolvers<void>()
  world.carrier.answer = async (message) => {
    await answered.promise
    return accept(message)
  }
  const sender = await world.addSender(OURS)
  const delivery = await world.say(await world.meet('carol'), 'hello', { sender, number: THEIRS })
  world.startCarrying()
  await until('it is on its way', async () => world.carrier.open === 1)
  await applySteps(createContext(world.runtime.core, SYSTEM), [report(delivery, 'read', 'e2')])
  answered.resolve()
  await until('the answer is written down', async () => (await world.stepsOf(delivery)).length === 2)
  const { status, carrierId } = await world.find(delivery)
  assert.deepEqual({ status, carrierId }, { status: 'read', carrierId: `SM${delivery.id}` })
})

test('one person gets messages one by one, in order; a slow one delays nobody else', async (t) => {
  const world = await deliveryWorld(t)
  const slow = Promise.withResolvers<void>()
  world.carrier.answer = async (message) => {
    if (message.body === 'slow 0') await slow.promise
    return accept(message)
  }
  const sender = await world.addSender(OURS)
  const carol = await world.meet('carol')
  const mine: Delivery[] = []
  // More than what is looked at at once.
  for (let i = 0; i < 250; i++) mine.push(await world.say(carol, `slow ${i}`, { sender, number: THEIRS }))
  const dan = await world.meet('dan')
  const his = await world.say(dan, 'quick', { sender, number: '+15005550011' })
  world.startCarrying()
  await world.untilStatus(his, 'sent')
  assert.deepEqual(world.carrier.taken.map(({ body }) => body).sort(), ['quick', 'slow 0'])
  slow.resolve()
  await world.untilStatus(mine.at(-1)!, 'sent')
  const bodies = world.carrier.taken.map(({ body }) => body).filter((body) => body.startsWith('slow'))
  assert.deepEqual(
    bodies,
    mine.map((_, i) => `slow ${i}`),
  )
})

test('a carrier that is down is left alone, delays no other, and gets all once it is up', async (t) => {
  const world = await deliveryWorld(t)
  world.carrier.answer = () => DOWN
  const other = scriptCarrier('other', accept)
  const [ours, theirs] = [await world.addSender(OURS), await world.addSender('+15005550007', 'other')]
  const carol = await world.meet('carol')
  const waiting: Delivery[] = []
  for (let i = 0; i < 60; i++)
    waiting.push(await world.say(carol, `${i}`, { sender: ours, number: `+1500555${1000 + i}` }))
  const quick = await world.say(carol, 'quick', { sender: theirs, number: THEIRS })
  world.startCarrying({ carriers: [world.carrier, other], perSender: 4 })
  await world.untilStatus(quick, 'sent')
  await until('the breaker has opened', async () => world.carrier.taken.length >= 5)
  assert.ok(world.carrier.taken.length < 20, `${world.carrier.taken.length} tries`)
  world.carrier.answer = accept
  for (const one of waiting) await world.untilStatus(one, 'sent')
})

test('what a node that died was handing over is in doubt, and never handed over again', async (t) => {
  const world = await deliveryWorld(t)
  world.setNow(NOW)
  world.carrier.answer = () => new Promise(() => {})
  const sender = await world.addSender(OURS)
  const delivery = await world.say(await world.meet('carol'), 'hello', { sender, number: THEIRS })
  const node = await world.openNode()
  const dead = scriptCarrier('scripted', () => new Promise(() => {}))
  // It says nothing any more, as after a kill.
  world.startCarrying({ carriers: [dead], timeoutMs: 1 }, node)
  await until('it is on its way', async () => dead.taken.length === 1)
  world.startCarrying()
  assert.equal((await world.find(delivery)).status, 'sending')
  world.setNow(addMs(NOW, LEASE_MS))
  const { errorReason } = await world.untilStatus(delivery, 'unknown')
  assert.match(errorReason!, /nobody can say/)
  assert.deepEqual([dead.taken.length, world.carrier.taken.length], [1, 0])
})

test('two nodes share the queue: each message goes out once', async (t) => {
  const world = await deliveryWorld(t)
  const sender = await world.addSender(OURS)
  const carol = await world.meet('carol')
  const numbers = Array.from({ length: 200 }, (_, i) => `+1500555${1000 + i}`)
  const deliveries = await Promise.all(numbers.map((number) => world.say(carol, number, { sender, number })))
  world.carrier.answer = async (message) => {
    await new Promise((resolve) => setImmediate(resolve))
    return accept(message)
  }
  const node = await world.openNode()
  world.startCarrying({ perSender: 8 })
  world.startCarrying({ perSender: 8 }, node)
  for (const delivery of deliveries) await world.untilStatus(delivery, 'sent')
  assert.deepEqual(world.carrier.taken.map(({ to }) => to).sort(), numbers)
  assert.ok(world.carrier.openMax <= 8, `${world.carrier.openMax} at once`)
})

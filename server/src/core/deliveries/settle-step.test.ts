import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryStatus, Step } from './schema.ts'
import { type KeptDelivery, settleStep } from './settle-step.ts'

const AT = '2026-01-01T00:00:00.000Z'

function kept(change: Partial<KeptDelivery> = {}): KeptDelivery {
  return {
    id: 'd',
    messageId: 'm',
    conversationId: 'c',
    workspaceId: 'w',
    senderId: 's',
    transport: 'sms',
    carrier: 'scripted',
    toAddress: '+15005550006',
    email: null,
    status: 'sending',
    carrierId: null,
    carrierStatus: null,
    errorCode: null,
    errorReason: null,
    createdAt: AT,
    updatedAt: AT,
    attemptCount: 1,
    dueAt: AT,
    ...change,
  }
}

function step(status: DeliveryStatus, change: Partial<Step> = {}): Step {
  return {
    status,
    source: 'report',
    attempt: null,
    dueAt: null,
    carrierId: null,
    carrierStatus: null,
    code: null,
    reason: null,
    reportKey: null,
    occurredAt: AT,
    ...change,
  }
}

function settleAll(delivery: KeptDelivery, steps: Step[]): KeptDelivery {
  return steps.reduce((one, next) => settleStep(one, next, AT) ?? one, delivery)
}

function* orders<T>(list: T[]): Generator<T[]> {
  if (list.length === 0) yield []
  for (const [i, first] of list.entries()) for (const rest of orders(list.toSpliced(i, 1))) yield [first, ...rest]
}

test('in whatever order reports come, the highest counts', () => {
  const attempt = step('sent', { source: 'attempt', attempt: 1, carrierId: 'SM1', carrierStatus: 'queued' })
  for (const order of orders([attempt, step('sent'), step('delivered'), step('read')])) {
    const { status, carrierId } = settleAll(kept(), [...order, ...order])
    assert.deepEqual({ status, carrierId }, { status: 'read', carrierId: 'SM1' })
  }
})

test('a failure counts for more than having been sent, and not against the person having it', () => {
  const failed = step('failed', { code: '30003', reason: 'The phone is off.' })
  for (const order of orders([step('sent'), failed])) assert.equal(settleAll(kept(), order).status, 'failed')
  for (const order of orders([step('delivered'), failed])) {
    const { status, errorCode } = settleAll(kept(), order)
    assert.deepEqual({ status, errorCode }, { status: 'delivered', errorCode: null })
  }
})

test('only what surely was not taken, and of which nothing else was heard, goes back into the queue', () => {
  const refused = step('queued', { source: 'attempt', attempt: 1, dueAt: '2026-01-01T00:01:00.000Z' })
  assert.equal(settleAll(kept(), [refused]).status, 'queued')
  assert.equal(settleAll(kept({ status: 'unknown' }), [refused]).status, 'queued')
  assert.equal(settleAll(kept(), [step('sent'), refused]).status, 'sent')
  assert.equal(settleAll(kept({ attemptCount: 2 }), [refused]).status, 'sending', 'of an attempt before this one')
})

test('an unknown outcome does not hide what is known, and a cancelled message was never on its way', () => {
  const unknown = step('unknown', { source: 'attempt', attempt: 1, dueAt: AT })
  assert.equal(settleAll(kept(), [unknown]).status, 'unknown')
  assert.equal(settleAll(kept({ status: 'delivered' }), [unknown]).status, 'delivered')
  assert.equal(settleAll(kept({ status: 'failed' }), [unknown]).status, 'failed')
  assert.equal(settleAll(kept(), [step('cancelled')]).status, 'sending')
  assert.equal(settleAll(kept({ status: 'queued' }), [step('cancelled')]).status, 'cancelled')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeliveryLedger, isDelivered } from './delivery-ledger.ts'

test('a message is complete when the last subscriber has it', () => {
  const ledger = new DeliveryLedger(2, 100)
  const number = ledger.send()
  assert.equal(ledger.deliver(0, number), false)
  assert.equal(ledger.deliver(1, number), true)
  assert.ok(isDelivered(ledger.check(0)))
})

test('an event that comes twice or never is found', () => {
  const ledger = new DeliveryLedger(2, 100)
  for (let i = 0; i < 40; i++) ledger.deliver(0, ledger.send())
  ledger.deliver(0, 33)
  const found = ledger.check(0)
  assert.equal(found.duplicated, 1)
  assert.equal(found.missing, 40)
  assert.ok(!isDelivered(found))
})

test('subscribers that disagree on the order are found', () => {
  const ledger = new DeliveryLedger(2, 100)
  for (let i = 0; i < 2; i++) ledger.deliver(0, ledger.send())
  ledger.deliver(1, 1)
  ledger.deliver(1, 0)
  const found = ledger.check(0)
  assert.ok(isDelivered(found))
  assert.equal(found.orders, 2)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { areDigitsAt, composeText, findDigits, isKept, Ledger, parseNumber, readDigits } from './ledger.ts'

function acknowledged(count: number): Ledger {
  const ledger = new Ledger()
  for (let i = 0; i < count; i++) ledger.acknowledge(ledger.send(), i + 1)
  return ledger
}

const rows = (...numbers: number[]) => numbers.map((number, i) => ({ number, sequence: i + 1 }))

test('a history that holds every acknowledged message once is kept', () => {
  const found = acknowledged(3).check([rows(0, 1, 2)])
  assert.ok(isKept(found))
  assert.equal(found.acknowledged, 3)
})

test('a lost, a doubled and a foreign message are each found', () => {
  assert.equal(acknowledged(3).check([rows(0, 1)]).missing, 1)
  assert.equal(acknowledged(2).check([[...rows(0, 1), { number: 1, sequence: 3 }]]).duplicated, 1)
  assert.equal(acknowledged(2).check([rows(0, 1, 7)]).unknown, 1)
})

test('a message under another sequence than acknowledged, and a hole, are found', () => {
  assert.equal(acknowledged(2).check([rows(1, 0)]).misplaced, 2)
  const ledger = new Ledger()
  ledger.acknowledge(ledger.send(), 1)
  ledger.acknowledge(ledger.send(), 3)
  const history = [
    { number: 0, sequence: 1 },
    { number: 1, sequence: 3 },
  ]
  assert.deepEqual(ledger.check([history]).holes, 1)
})

test('a message that was sent and never acknowledged may be there or not', () => {
  const ledger = acknowledged(2)
  ledger.send()
  assert.ok(isKept(ledger.check([rows(0, 1)])))
  assert.ok(isKept(ledger.check([rows(0, 1, 2)])))
})

test('without sequences, what is there is checked and order is not', () => {
  const ledger = new Ledger()
  for (let i = 0; i < 3; i++) ledger.acknowledge(ledger.send(), undefined)
  const history = [2, 0, 1].map((number) => ({ number, sequence: undefined }))
  assert.ok(isKept(ledger.check([history])))
})

test('a number survives its way through text and JSON', () => {
  assert.equal(parseNumber(composeText(123_456)), 123_456)
  assert.equal(parseNumber('hello'), -1)
  const json = Buffer.from(JSON.stringify({ id: 'x', body: composeText(987) }))
  const at = findDigits(json, 0, json.length)
  assert.equal(readDigits(json, at), 987)
  assert.ok(areDigitsAt(json, at, json.length))
  assert.ok(!areDigitsAt(json, at + 1, json.length))
})

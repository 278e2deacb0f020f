import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CircuitBreaker } from './circuit-breaker.ts'

test('after five failures in a row a carrier is left alone, longer each time, until one attempt goes well', () => {
  const breaker = new CircuitBreaker(() => 1)
  const fail = (nowMs: number) => {
    breaker.begin()
    breaker.end({ isWell: false, nowMs })
  }
  for (let i = 0; i < 4; i++) fail(0)
  assert.equal(breaker.slots(0), Number.POSITIVE_INFINITY)
  fail(0)
  assert.deepEqual([breaker.slots(999), breaker.slots(1_000)], [0, 1])
  breaker.begin()
  assert.equal(breaker.slots(1_000), 0, 'one at a time finds out')
  breaker.end({ isWell: false, nowMs: 1_000 })
  assert.deepEqual([breaker.slots(2_999), breaker.slots(3_000)], [0, 1])
  for (let i = 0; i < 20; i++) fail(10_000)
  assert.deepEqual([breaker.slots(69_999), breaker.slots(70_000)], [0, 1])
  breaker.begin()
  breaker.end({ isWell: true, nowMs: 70_000 })
  assert.equal(breaker.slots(70_000), Number.POSITIVE_INFINITY)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { parseRetryAfter, planRetry } from './retry-schedule.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const HOUR_MS = 3_600_000

function waitMs(number: number, { random = 1, retryAfterMs }: { random?: number; retryAfterMs?: number } = {}) {
  const at = planRetry({ number, firstAttemptAt: NOW, now: NOW, retryAfterMs, random })
  return at && Date.parse(at) - Date.parse(NOW)
}

test('the longest wait doubles with each attempt up to six hours, and chance takes a part of it', () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((number) => waitMs(number)),
    [10_000, 20_000, 40_000, 80_000],
  )
  assert.equal(waitMs(1, { random: 0.5 }), 5_000)
  assert.equal(waitMs(12), 20_480_000)
  assert.equal(waitMs(13), 6 * HOUR_MS)
  assert.equal(waitMs(99), 6 * HOUR_MS)
  assert.equal(waitMs(13, { random: 0 }), 1_000)
})

test('a delivery is given up three days after its first attempt, or where chance has made a hundred', () => {
  const at = (hoursLater: number, random = 1) =>
    planRetry({
      number: 20,
      firstAttemptAt: NOW,
      now: addMs(NOW, hoursLater * HOUR_MS),
      retryAfterMs: undefined,
      random,
    })
  assert.equal(at(66), addMs(NOW, 72 * HOUR_MS))
  assert.equal(at(67), undefined)
  assert.equal(at(67, 0.5), addMs(NOW, 70 * HOUR_MS))
  assert.equal(at(72, 0), undefined)
  assert.equal(waitMs(100, { random: 0 }), undefined)
})

test('all attempts together last three days at most, whatever chance does', () => {
  for (const random of [0, 0.1, 0.5, 0.9, 1]) {
    let number = 0
    let last: string = NOW
    for (let at: string | undefined = NOW; at !== undefined; ) {
      last = at
      at = planRetry({ number: ++number, firstAttemptAt: NOW, now: at, retryAfterMs: undefined, random })
    }
    assert.ok(Date.parse(last) - Date.parse(NOW) <= 72 * HOUR_MS)
    assert.ok(number <= 100)
  }
})

test('no attempt comes sooner than the receiver asked for, up to six hours', () => {
  assert.equal(waitMs(1, { retryAfterMs: 60_000 }), 60_000)
  assert.equal(waitMs(8, { retryAfterMs: 60_000 }), 1_280_000)
  assert.equal(waitMs(1, { retryAfterMs: 365 * 24 * HOUR_MS }), 6 * HOUR_MS)
  assert.equal(parseRetryAfter('120', NOW), 120_000)
  assert.equal(parseRetryAfter('Sun, 01 Mar 2026 12:05:00 GMT', NOW), 300_000)
  for (const text of [undefined, '', '-5', 'soon', '0', '1e999', 'Sun, 01 Mar 2025 12:05:00 GMT', '9'.repeat(400)]) {
    assert.equal(parseRetryAfter(text, NOW), undefined, text ?? 'none')
  }
})

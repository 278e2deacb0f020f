import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig, rateLimitsOf } from '../../config.ts'
import { AppError } from '../errors.ts'
import { RateLimits } from './rate-limits.ts'

function limitsOf(points: number) {
  return new RateLimits({ ...rateLimitsOf(loadConfig({}, 'start')), sends: { points, durationS: 60 } })
}

test('so many pass, one more is told when to come back; each key counts for itself', async () => {
  const limits = limitsOf(2)
  assert.deepEqual(await limits.consume('sends', 'ada'), { limit: 2, remaining: 1, resetS: 60 })
  assert.equal((await limits.consume('sends', 'ada')).remaining, 0)
  await assert.rejects(limits.consume('sends', 'ada'), (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, 'rate_limited')
    assert.ok(error.retryAfterMs! > 59_000 && error.retryAfterMs! <= 60_000)
    return true
  })
  assert.equal((await limits.consume('sends', 'bob')).remaining, 1)
  assert.equal((await limits.consume('requests', 'ada')).limit, limits.limitOf('requests'))
})

test('looking for room counts nothing, and clearing gives it back', async () => {
  const limits = limitsOf(1)
  for (let i = 0; i < 3; i++) await limits.requireRoom('sends', 'ada')
  await limits.count('sends', 'ada')
  await assert.rejects(limits.requireRoom('sends', 'ada'), { code: 'rate_limited' })
  await limits.clear('sends', 'ada')
  await limits.requireRoom('sends', 'ada')
})

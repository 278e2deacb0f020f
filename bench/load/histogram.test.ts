import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram } from './histogram.ts'

test('quantiles of known values are exact while values are small', () => {
  const histogram = new Histogram()
  for (let value = 1; value <= 200; value++) histogram.add(value)
  assert.equal(histogram.quantile(0.5), 100)
  assert.equal(histogram.quantile(0.99), 198)
  assert.deepEqual(histogram.quantiles().max, 200)
  assert.equal(histogram.quantiles().mean, 100.5)
})

test('every value comes back within 1/128 of itself, and never below', () => {
  for (let value = 1; value < 2 ** 31; value = Math.ceil(value * 1.01)) {
    const histogram = new Histogram()
    histogram.add(value)
    histogram.add(2 ** 31 - 1)
    const found = histogram.quantile(0.5)
    assert.ok(found >= value && found <= value * (1 + 1 / 128), `${value} came back as ${found}`)
  }
})

test('values out of range are kept at the ends, and an empty histogram answers zero', () => {
  const histogram = new Histogram()
  assert.equal(histogram.quantile(0.99), 0)
  histogram.add(-5)
  histogram.add(1e12)
  assert.equal(histogram.quantile(0.5), 0)
  assert.equal(histogram.quantile(1), 2 ** 31 - 1)
})

test('one slow value among a thousand shows at p999.5 and not at p99', () => {
  const histogram = new Histogram()
  histogram.add(100, 999)
  histogram.add(50_000)
  assert.equal(histogram.quantile(0.99), 100)
  assert.equal(histogram.quantile(0.9995), 50_000)
})

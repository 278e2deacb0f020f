import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutPage, decodeCursor, encodeCursor } from './page.ts'

const isNumber = ([n]: unknown[]) => Number.isSafeInteger(n)

test('a cursor gives back the key that it was made of', () => {
  const key = ['2026-01-31T09:30:00.000Z', 7, 'Ünïcode', null]
  assert.deepEqual(
    decodeCursor(encodeCursor(key), () => true),
    key,
  )
})

test('a cursor of another list, a changed one and nonsense are refused', () => {
  const foreign = [encodeCursor(['7']), encodeCursor([1.5]), encodeCursor([])]
  const nonsense = ['', '%', 'null', 'x'.repeat(10_000), encodeCursor([Number.NaN]), encodeCursor([2 ** 60])]
  for (const cursor of [...foreign, ...nonsense]) {
    assert.throws(() => decodeCursor(cursor, isNumber), { code: 'invalid_cursor', param: 'cursor' })
  }
})

test('a page has a cursor only where a row too many was read', () => {
  const keyOf = (row: number) => [row]
  assert.deepEqual(cutPage([1, 2], 2, keyOf), { rows: [1, 2], nextCursor: null })
  assert.deepEqual(cutPage([1, 2, 3], 2, keyOf), { rows: [1, 2], nextCursor: encodeCursor([2]) })
  assert.deepEqual(cutPage([], 2, keyOf), { rows: [], nextCursor: null })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeCursor, encodeCursor, toPage } from './pages.ts'

const ID = '01900000-0000-7000-8000-000000000001'
const AT = '2026-01-31T09:30:00.000Z'

test('a cursor gives back the key that it was made of', () => {
  const cursor = encodeCursor([AT, ID, 7, 'Ünïcode'])
  assert.deepEqual(decodeCursor(cursor, ['time', 'id', 'number', 'text']), [AT, ID, 7, 'Ünïcode'])
})

test('a cursor of another list, a changed one and nonsense are refused', () => {
  const foreign = [encodeCursor([ID]), encodeCursor([7, 7]), encodeCursor(['7']), encodeCursor([1.5])]
  const nonsense = ['', '%', 'null', 'x'.repeat(10_000), encodeCursor([Number.NaN]), encodeCursor([2 ** 60])]
  for (const cursor of [...foreign, ...nonsense]) {
    assert.throws(() => decodeCursor(cursor, ['number']), { code: 'invalid_cursor', param: 'cursor' })
  }
  assert.throws(() => decodeCursor(encodeCursor(["'; drop"]), ['id']), { code: 'invalid_cursor' })
  assert.throws(() => decodeCursor(encodeCursor(['2026-99-99T00:00:00Z']), ['time']), { code: 'invalid_cursor' })
  assert.throws(() => decodeCursor(encodeCursor(['\0']), ['text']), { code: 'invalid_cursor' })
})

test('a page has a cursor only where a row too many was read', () => {
  const keyOf = (row: number) => [row]
  assert.deepEqual(toPage([1, 2], 2, keyOf), { rows: [1, 2], nextCursor: null })
  assert.deepEqual(toPage([1, 2, 3], 2, keyOf), { rows: [1, 2], nextCursor: encodeCursor([2]) })
  assert.deepEqual(toPage([], 2, keyOf), { rows: [], nextCursor: null })
})

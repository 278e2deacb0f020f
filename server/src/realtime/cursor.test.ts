import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCursors } from './cursor.ts'

const cursors = createCursors('one secret of thirty-two characters')

test('a cursor comes back as the place it was made of', () => {
  const place = { position: 281_474_976_710_655, atMs: Date.parse('2026-01-31T09:30:00.123Z') }
  assert.deepEqual(cursors.decode(cursors.encode(place)), place)
})

test('a node with the same secret accepts it, one with another does not', () => {
  const cursor = cursors.encode({ position: 42, atMs: 1 })
  assert.deepEqual(createCursors('one secret of thirty-two characters').decode(cursor), { position: 42, atMs: 1 })
  assert.equal(createCursors('another secret of thirty-two characters').decode(cursor), undefined)
})

test('a cursor with any character changed, cut or added is refused', () => {
  const cursor = cursors.encode({ position: 42, atMs: 1 })
  for (let i = 0; i < cursor.length; i++) {
    const other = cursor[i] === 'A' ? 'B' : 'A'
    assert.equal(cursors.decode(`${cursor.slice(0, i)}${other}${cursor.slice(i + 1)}`), undefined, `character ${i}`)
  }
  for (const wrong of ['', cursor.slice(1), `${cursor}A`, '!'.repeat(cursor.length), 'é'.repeat(cursor.length)]) {
    assert.equal(cursors.decode(wrong), undefined)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMoment } from './parse-moment.ts'

test('a moment is read in the forms that people give it', () => {
  const noon = '2026-01-31T12:00:00.000Z'
  const forms = ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00Z', '2026-01-31 12:00', '2026-01-31T13:00:00+01:00']
  const queryString = ['2026-01-31T13:00:00 01:00', '2026-01-31t12:00:00z', '2026-01-31T07:00-0500']
  for (const text of [...forms, ...queryString, '1769860800', '1769860800.0', '1769860800000']) {
    assert.equal(parseMoment(text), noon, text)
  }
  assert.equal(parseMoment('2026-01-31'), '2026-01-31T00:00:00.000Z')
  assert.equal(parseMoment('2026-01-31T12:00:00.123456Z'), '2026-01-31T12:00:00.123Z')
})

test('what is no moment is not taken for one', () => {
  const texts = ['', 'yesterday', '2026', '2026-02-31', '2026-13-01', '2026-01-31T25:00', '2026-01-31x', '12', 'WzFd']
  for (const text of texts) assert.equal(parseMoment(text), undefined, text)
})

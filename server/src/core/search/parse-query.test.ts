import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuery, type SearchQuery } from './parse-query.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const ID = '01900000-0000-7000-8000-000000000001'
const EMPTY: SearchQuery = { terms: [], from: [], in: [], since: null, until: null, has: [] }

const parse = (text: string) => parseQuery(text, NOW)
const word = (text: string) => ({ text, isPhrase: false })
const phrase = (text: string) => ({ text, isPhrase: true })

test('words and phrases are kept apart', () => {
  assert.deepEqual(parse(' deploy   failed ').terms, [word('deploy'), word('failed')])
  assert.deepEqual(parse('"went wrong" again').terms, [phrase('went wrong'), word('again')])
  assert.deepEqual(parse('“went wrong” “x').terms, [phrase('went wrong'), phrase('x')])
  assert.deepEqual(parse('a "never closed').terms, [word('a'), phrase('never closed')])
  assert.deepEqual(parse('"" " " '), EMPTY)
})

test('operators are read wherever they stand, whatever their case', () => {
  assert.deepEqual(parse('x FROM:@Ada in:#General Has:LINKS y from:me in:@bob'), {
    ...EMPTY,
    terms: [word('x'), word('y')],
    from: ['ada', 'me'],
    in: [{ channel: 'general' }, { person: 'bob' }],
    has: ['link'],
  })
  assert.deepEqual(parse(`in:general in:"#our plans" in:${ID}`).in, [
    { channel: 'general' },
    { channel: 'our plans' },
    { id: ID },
  ])
})

test('what only looks like an operator is text', () => {
  for (const text of ['note:x', 'https://example.com', '12:30', 'inform:x', 'from', '"from:ada"', ':from:', 'xin:y']) {
    const { terms, ...rest } = parse(text)
    assert.equal(terms.length, 1, text)
    assert.deepEqual({ terms: [], ...rest }, EMPTY)
  }
})

test('dates are days in UTC, and several narrow each other', () => {
  const range = (text: string) => {
    const { since, until } = parse(text)
    return [since, until]
  }
  assert.deepEqual(range('before:2026-01-31'), [null, '2026-01-31T00:00:00.000Z'])
  assert.deepEqual(range('after:2026-01-31'), ['2026-02-01T00:00:00.000Z', null])
  assert.deepEqual(range('on:2026-01-31'), ['2026-01-31T00:00:00.000Z', '2026-02-01T00:00:00.000Z'])
  assert.deepEqual(range('on:today'), ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'])
  assert.deepEqual(range('on:Yesterday'), ['2026-02-28T00:00:00.000Z', '2026-03-01T00:00:00.000Z'])
  assert.deepEqual(range('after:2026-01-31T10:00Z before:"2026-02-01 09:30"'), [
    '2026-01-31T10:00:00.001Z',
    '2026-02-01T09:30:00.000Z',
  ])
  assert.deepEqual(range('before:2026-01-31 before:2026-01-01 after:2025-01-01 after:2025-06-01'), [
    '2025-06-02T00:00:00.000Z',
    '2026-01-01T00:00:00.000Z',
  ])
})

test('a bad operator is refused with what would be right', () => {
  const problems = {
    'has:cheese': /`has:` knows link, file, reaction, thread, mention/,
    'has:': /`has:` knows/,
    'from: ada': /`from:` needs a person/,
    'from:@': /`from:` needs a person/,
    'in:#': /`in:` needs a channel or a person/,
    'before:soon': /`before:` needs a date, as in before:2026-01-31/,
    'after:2026-02-31': /`after:` needs a date/,
    'on:': /`on:` needs a date/,
  }
  for (const [text, problem] of Object.entries(problems)) {
    assert.throws(
      () => parse(text),
      (error: Error & { code: string; fields: { q: string[] } }) => {
        assert.equal(error.code, 'invalid_request', text)
        assert.match(error.fields.q[0]!, problem)
        return true
      },
    )
  }
})

test('what is too long or cannot be text is refused', () => {
  const refused = { code: 'invalid_request' }
  assert.throws(() => parse('x'.repeat(1_001)), refused)
  assert.throws(() => parse('x '.repeat(51)), refused)
  assert.throws(() => parse('a\0b'), refused)
  assert.throws(() => parse('\ud83d'), refused)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEmailAddress } from './parse-email-address.ts'

test('an email address is found whatever its capital letters and the script of its domain', () => {
  const values = ['ada@example.com', ' Ada@EXAMPLE.com ', 'ADA@Example.Com'].map(
    (text) => parseEmailAddress(text, 'to').value,
  )
  assert.deepEqual([...new Set(values)], ['ada@example.com'])
  const domains = ['ada@bücher.example', 'ada@BÜCHER.example', 'ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example']
  for (const text of domains) assert.equal(parseEmailAddress(text, 'to').value, 'ada@xn--bcher-kva.example', text)
  const names = ['jos\u00e9@example.com', 'jose\u0301@example.com'].map((text) => parseEmailAddress(text, 'to').value)
  assert.equal(names[0], names[1])
})

test('an email address is shown as it was given, where that differs', () => {
  assert.equal(parseEmailAddress('Ada.L@Example.com', 'to').shown, 'Ada.L@Example.com')
  assert.equal(parseEmailAddress('ada@bücher.example', 'to').shown, 'ada@bücher.example')
  assert.equal(parseEmailAddress(' ada@example.com ', 'to').shown, null)
})

test('what no mail server takes is refused, on the field that the caller names', () => {
  const long = `ada@${'ü'.repeat(60)}.${'ü'.repeat(60)}.${'ü'.repeat(60)}.${'ü'.repeat(55)}`
  for (const text of ['', 'ada', 'ada@', 'ada@localhost', 'ada@1.2', 'ada@1.2.3.4', 'a b@example.com', long]) {
    assert.throws(
      () => parseEmailAddress(text, 'cc'),
      (error: { fields?: object }) => Object.keys(error.fields ?? {})[0] === 'cc',
      text,
    )
  }
})

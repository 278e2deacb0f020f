import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainError } from './error-codes.ts'

test('a known error says in plain words what to do, and whether it can go away', () => {
  const { advice, isFinal, source } = explainError('63016', 'Failed to send freeform message')
  assert.equal(
    advice,
    'More than 24 hours have passed since this person last wrote: send an approved WhatsApp template.',
  )
  assert.deepEqual([isFinal, source], [true, 'https://www.twilio.com/docs/api/errors/63016'])
})

test('what passes by itself is not final', () => {
  const later = ['20429', '21611', '30001', '30003', '30008', '30022', '30410', '63018', '63038']
  const final = ['21211', '21408', '21610', '21614', '30004', '30005', '30006', '30007', '30034', '63016', '63024']
  assert.deepEqual(
    later.filter((code) => explainError(code, null).isFinal),
    [],
  )
  assert.deepEqual(
    final.filter((code) => !explainError(code, null).isFinal),
    [],
  )
})

test('an unknown error is told with its number and with what Twilio said', () => {
  const { advice, isFinal } = explainError('99999', `It broke${'!'.repeat(1_000)}`)
  assert.match(
    advice,
    /^Twilio reports error 99999 \(“It broke!+”\): see https:\/\/www\.twilio\.com\/docs\/api\/errors\/99999\.$/,
  )
  assert.ok(advice.length < 400 && isFinal)
  assert.equal(
    explainError('constructor', null).advice,
    'Twilio reports error constructor: see https://www.twilio.com/docs/api/errors/constructor.',
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  deliveryIdOf,
  findAnswered,
  listAnswered,
  makeMessageId,
  parseMessageIds,
  referencesOfAnswer,
} from './thread.ts'

test('a delivery has one Message-ID, and is found by it', () => {
  const id = makeMessageId('0190f5fe-1', 'mail.example.com')
  assert.equal(id, '0190f5fe-1@mail.example.com')
  assert.equal(deliveryIdOf('0190f5fe-1@MAIL.example.com', 'mail.example.com'), '0190f5fe-1')
  assert.equal(deliveryIdOf('0190f5fe-1@evil.example', 'mail.example.com'), undefined)
  assert.equal(deliveryIdOf('mail.example.com', 'mail.example.com'), undefined)
  assert.equal(deliveryIdOf('@mail.example.com', 'mail.example.com'), undefined)
})

test('ids are read out of headers however they are written, and the newest are kept of too many', () => {
  assert.deepEqual(parseMessageIds('<a@x> <b@x>\r\n\t<c@x>'), ['a@x', 'b@x', 'c@x'])
  assert.deepEqual(parseMessageIds('a@x,<b@x>'), ['a@x', 'b@x'])
  assert.deepEqual(parseMessageIds(' '), [])
  assert.deepEqual(parseMessageIds(`<${'x'.repeat(2000)}> <b@x>`), ['b@x'])
  const many = Array.from({ length: 80 }, (_, at) => `<${at}@x>`).join(' ')
  assert.deepEqual(
    parseMessageIds(many),
    Array.from({ length: 50 }, (_, at) => `${at + 30}@x`),
  )
})

test('an email answers the nearest message that we know', () => {
  const email = { inReplyTo: 'unknown@x', references: ['first@x', 'second@x', 'unknown@x'] }
  assert.deepEqual(listAnswered(email), ['unknown@x', 'second@x', 'first@x'])
  const known = new Map([
    ['first@x', 1],
    ['second@x', 2],
  ])
  assert.equal(findAnswered(email, known), 2)
  assert.equal(findAnswered({ inReplyTo: 'first@x', references: ['second@x'] }, known), 1)
  assert.equal(findAnswered({ inReplyTo: null, references: [] }, known), undefined)
})

test('an answer refers to its whole thread, and to the beginning and the end of a long one', () => {
  assert.deepEqual(referencesOfAnswer({ messageId: 'c@x', inReplyTo: 'b@x', references: ['a@x', 'b@x'] }), [
    'a@x',
    'b@x',
    'c@x',
  ])
  assert.deepEqual(referencesOfAnswer({ messageId: 'b@x', inReplyTo: 'a@x', references: [] }), ['a@x', 'b@x'])
  const long = Array.from({ length: 40 }, (_, at) => `${at}@x`)
  const kept = referencesOfAnswer({ messageId: 'last@x', inReplyTo: null, references: long })
  assert.equal(kept.length, 20)
  assert.equal(kept[0], '0@x')
  assert.equal(kept.at(-1), 'last@x')
  assert.equal(kept[1], '22@x')
})

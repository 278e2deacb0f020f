import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError, invalidField } from '../errors.ts'
import { describeFailure, describeFrames } from './describe-failure.ts'

test('a failure is told without what it was given', () => {
  const parse = (text: string) => {
    try {
      return JSON.parse(text)
    } catch (error) {
      return error
    }
  }
  const cases: [unknown, RegExp][] = [
    [parse('{"to": "+1555", secret}'), /^SyntaxError: ./],
    [parse('secret'), /^SyntaxError: .*…/],
    [new TypeError("Cannot read 'secret' of `secret`"), /^TypeError: Cannot read …$/],
    [new Error('one\0two\n\x1b[2Jthree'), /^Error: one two \[2Jthree$/],
    [new Error('x'.repeat(1_000)), /^Error: x{292}…$/],
    [new Error(`${'x'.repeat(291)}👋👋`), /…$/],
    ['secret', /^Something was thrown that is no error\.$/],
    [undefined, /^Something was thrown that is no error\.$/],
    [new AppError('overloaded'), /^The server has too much to do: try again shortly\.$/],
    [invalidField('to', 'is "secret"'), /^Some fields are not valid\. to$/],
  ]
  for (const [error, expected] of cases) {
    const text = describeFailure(error)
    assert.match(text, expected)
    assert.doesNotMatch(text, /secret|\+1555/)
    assert.ok(text.isWellFormed() && text.length <= 300)
  }
})

test('its place is told without its message', () => {
  const frames = describeFrames(new Error('secret\n    at secret'))
  assert.match(frames[0]!, /describe-failure\.test\.ts:\d+:\d+/)
  assert.doesNotMatch(frames.join(), /secret/)
  assert.deepEqual(describeFrames('secret'), [])
})

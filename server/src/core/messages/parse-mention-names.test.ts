import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMentionNames } from './parse-mention-names.ts'

const names = (body: string) => [...parseMentionNames(body)]

test('names are found wherever they stand in a sentence', () => {
  const bodies = ['@bob', 'hi @bob', '(@bob)', '@bob: look', '@bob, look', "@bob's", '**@bob**', '_@bob_', '"@bob"']
  for (const body of [
    ...bodies,
    '@bob.',
    '@bob!',
    'hi\n@bob\nlook',
    '¿@bob?',
    '@Bob and @BOB',
    '@bob—look',
    '«@bob»',
  ]) {
    assert.deepEqual(names(body), ['bob'], body)
  }
  assert.deepEqual(names('@ada @bob @ada'), ['ada', 'bob'])
  assert.deepEqual(names('@bob.smith-2_x, look'), ['bob.smith-2_x'])
  assert.deepEqual(names('@channel and @here'), ['channel', 'here'])
})

test('an email address mentions nobody', () => {
  for (const body of [
    'bob@bob',
    'write to x@bob.example',
    'x.y+z@bob',
    '<mailto:x@bob>',
    '@bob@example.com',
    'a-@bob',
  ]) {
    assert.deepEqual(names(body), [], body)
  }
})

test('code mentions nobody', () => {
  const spans = [
    '`@bob`',
    '``@bob``',
    '`` ` @bob ``',
    '```\n@bob\n```',
    '```js\n@bob',
    'x `a @bob b` y',
    '````\n```\n@bob\n````',
  ]
  assert.deepEqual(
    spans.filter((body) => names(body).length > 0),
    // A fence that nobody closes is no code: its text would swallow the rest of the message.
    ['```js\n@bob'],
  )
  assert.deepEqual(names('`code` @bob `code`'), ['bob'])
  assert.deepEqual(names("it's ` @bob"), ['bob'])
  assert.deepEqual(names('a ` b\n@bob ` c'), ['bob'])
})

test('a URL mentions nobody', () => {
  const urls = ['https://example.com/@bob', 'https://example.com/?q=a,@bob', 'ftp://x:@bob', 'www.example.com?a,@bob']
  for (const body of [...urls, 'example.com/@bob', 'example.com?user=@bob', 'medium.com/@bob/post']) {
    assert.deepEqual(names(body), [], body)
  }
  assert.deepEqual(names('https://example.com @bob'), ['bob'])
})

test('a part of a longer name mentions nobody', () => {
  assert.deepEqual(names('@bobé'), [])
  assert.deepEqual(names(`@${'b'.repeat(40)}`), [])
  assert.deepEqual(names('@'), [])
  assert.deepEqual(names('@@bob'), [])
})

test('one text mentions at most fifty names', () => {
  const body = Array.from({ length: 80 }, (_, i) => `@name${i}`).join(' ')
  assert.equal(names(body).length, 50)
})

test('no text of forty thousand characters takes long', () => {
  const patterns = [
    'a.',
    'a-',
    '`',
    '``` ',
    '` `` ',
    '@',
    '@a',
    '@a.',
    'a:/',
    'www.',
    'http://',
    '`a``',
    '@é',
    '_@',
    '_',
  ]
  for (const pattern of patterns) {
    const body = pattern.repeat(40_000 / pattern.length)
    const started = performance.now()
    parseMentionNames(body)
    const ms = performance.now() - started
    assert.ok(ms < 500, `${pattern} took ${ms} ms`)
  }
})

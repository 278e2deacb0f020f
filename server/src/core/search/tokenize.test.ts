import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldText, tokenizeQuery, tokenizeText } from './tokenize.ts'

const lexemes = (text: string) => tokenizeText(text).map(({ lexeme }) => lexeme)

test('case, accents and width make no difference', () => {
  for (const text of ['Müller', 'MÜLLER', 'Mu\u0308ller', 'Ｍüller']) assert.equal(foldText(text), 'muller')
  assert.equal(foldText('Straße Øre Łódź Đà ǅ İI ı'), 'strasse ore lodz da dz ii i')
  assert.equal(foldText('ΣΊΣΥΦΟΣ'), foldText('σίσυφος'))
  assert.equal(foldText('がぎ'), 'がぎ')
})

test('words are separated by what is neither letter nor digit', () => {
  assert.deepEqual(lexemes('Hello, world! (v2.1)'), ['hello', 'world', 'v2', '1'])
  assert.deepEqual(lexemes('https://example.com/a-b?c=d'), ['https', 'example', 'com', 'a', 'b', 'c', 'd'])
  assert.deepEqual(lexemes("don't snake_case"), ['don', 't', 'snake', 'case'])
  assert.deepEqual(lexemes('привет नमस्ते مرحبا'), ['привет', 'नमस्ते', 'مرحبا'])
  assert.deepEqual(lexemes(' \n!?.'), [])
  assert.equal(lexemes('x'.repeat(5_000))[0]?.length, 64)
})

test('emoji are words', () => {
  assert.deepEqual(lexemes('ship it🚀🎉 👍🏽 🇨🇭 ❤️'), ['ship', 'it', '🚀', '🎉', '👍', '🇨🇭', '❤'])
})

test('scripts without spaces give pairs of neighbours and the last character', () => {
  assert.deepEqual(tokenizeText('東京タワー'), [
    { lexeme: '東京', position: 1 },
    { lexeme: '京タ', position: 2 },
    { lexeme: 'タワ', position: 3 },
    { lexeme: 'ワー', position: 4 },
    { lexeme: 'ー', position: 5 },
  ])
  assert.deepEqual(lexemes('GitHubで見る'), ['github', 'で見', '見る', 'る'])
  assert.deepEqual(lexemes('ｶﾀｶﾅ'), ['カタ', 'タカ', 'カナ', 'ナ'])
  assert.deepEqual(lexemes('안녕'), ['안녕', '녕'])
  assert.deepEqual(lexemes('ไทย'), ['ไท', 'ทย', 'ย'])
})

test('what is looked for needs pairs only, and a single character is a beginning', () => {
  assert.deepEqual(tokenizeQuery('東京tower'), [
    { lexeme: '東京', position: 1, isPrefix: false },
    { lexeme: 'tower', position: 3, isPrefix: false },
  ])
  assert.deepEqual(tokenizeQuery('東'), [{ lexeme: '東', position: 1, isPrefix: true }])
  assert.deepEqual(tokenizeQuery('a東'), [
    { lexeme: 'a', position: 1, isPrefix: false },
    { lexeme: '東', position: 2, isPrefix: true },
  ])
})

test('no position is beyond what PostgreSQL keeps', () => {
  for (const text of ['a '.repeat(20_000), '東'.repeat(40_000)]) {
    const tokens = tokenizeText(text)
    assert.equal(tokens.at(-1)?.position, 16_000)
  }
})

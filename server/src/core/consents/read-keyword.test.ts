import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transport } from '../deliveries/carrier.ts'
import { readKeyword } from './read-keyword.ts'

const PHONE = ['sms', 'whatsapp'] as const
const ALL: Transport[] = [...PHONE, 'email']

test('the words that the carriers act on opt out over every transport, and START and UNSTOP bring back', () => {
  const out = ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']
  for (const transport of ALL) {
    for (const word of out) assert.equal(readKeyword(word, transport), 'out', `${word} over ${transport}`)
    for (const word of ['START', 'UNSTOP'])
      assert.equal(readKeyword(word, transport), 'in', `${word} over ${transport}`)
  }
})

test('case, width, accents, quotation marks, invisible characters and what ends a sentence do not matter', () => {
  const spellings = [
    'stop',
    ' Stop ',
    'STOP.',
    'stop!!!',
    'Stop…',
    'ＳＴＯＰ',
    'ｓｔｏｐ。',
    '"STOP"',
    '„Stop“',
    '\u200bstop\u2060',
    'stop\r\n',
  ]
  for (const text of spellings) assert.equal(readKeyword(text), 'out', JSON.stringify(text))
  for (const text of ['Arrêt', 'arre\u0302t', 'ARRET !', 'arrêté']) assert.equal(readKeyword(text), 'out', text)
  for (const text of ['opt out', 'Opt-out', 'OPT   OUT.', 'Stop all']) assert.equal(readKeyword(text), 'out', text)
  assert.equal(readKeyword('start!'), 'in')
  assert.equal(readKeyword('info?'), 'help')
})

test('only a whole message is a keyword', () => {
  const texts = [
    'STOP PLEASE',
    'please stop',
    'stop it',
    'nonstop',
    'STOPP!ED',
    'don\u2019t stop',
    'the end',
    'STOP\n\nSent from',
    's t o p',
  ]
  for (const text of [...texts, '', ' ', '.', '\u200b', '👍', `STOP${'!'.repeat(100)}`, 'stop '.repeat(10_000)]) {
    assert.equal(readKeyword(text), null, JSON.stringify(text.slice(0, 40)))
  }
})

test('over phones people opt out in their own language too', () => {
  for (const word of ['STOPP', 'Arrêt', 'BAJA', 'Parar', 'SAIR', 'cancelar', 'unsub', 'remove']) {
    for (const transport of PHONE) assert.equal(readKeyword(word, transport), 'out', `${word} over ${transport}`)
    assert.equal(readKeyword(word, 'email'), null, word)
  }
})

test('words that people send alone and mean otherwise are none', () => {
  for (const word of ['fine', 'alto', 'no', 'ok', 'stops', 'ja', 'si', 'sí']) {
    for (const transport of ALL) assert.equal(readKeyword(word, transport), null, word)
  }
})

test('YES is a word to come back by SMS only', () => {
  assert.deepEqual(
    ALL.map((transport) => readKeyword('Yes', transport)),
    ['in', null, null],
  )
})

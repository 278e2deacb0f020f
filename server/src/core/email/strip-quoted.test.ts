import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripQuoted } from './strip-quoted.ts'

const QUOTES: [string, string][] = [
  ['Gmail', 'On Mon, 3 Nov 2025 at 10:11, Bob <bob@example.com> wrote:\n> Hello\n> there'],
  ['Gmail, broken line', 'On Mon, 3 Nov 2025 at 10:11, Bob of the very long name\n<bob@example.com> wrote:\n\n> Hello'],
  ['Apple Mail', 'On 3 Nov 2025, at 10:11, Bob <bob@example.com> wrote:\n\n> Hello'],
  ['German', 'Am 03.11.2025 um 10:11 schrieb Bob <bob@example.com>:\n> Hallo'],
  ['French', 'Le lun. 3 nov. 2025 à 10:11, Bob <bob@example.com> a écrit :\n> Salut'],
  ['Spanish', 'El lun, 3 nov 2025 a las 10:11, Bob (<bob@example.com>) escribió:\n> Hola'],
  [
    'Outlook, rule',
    '________________________________\nFrom: Bob <bob@example.com>\nSent: Monday\nTo: Ada\nSubject: Hi\n\nHello',
  ],
  ['Outlook, no rule', '\nFrom: Bob <bob@example.com>\nSent: Monday\nTo: Ada\nSubject: Hi\n\nHello'],
  ['Outlook, old', '-----Original Message-----\nFrom: Bob\nSent: Monday\n\nHello'],
  ['bare', '> Hello\n> there\n\n'],
]

for (const [name, quote] of QUOTES) {
  test(`the new text stands apart from what it quotes (${name})`, () => {
    const { text, quoted } = stripQuoted(`Thanks, that works.\n\nAda\n\n${quote}`)
    assert.equal(text, 'Thanks, that works.\n\nAda')
    assert.equal(quoted, quote.trim())
  })
}

test('lines are the same with CRLF', () => {
  assert.equal(stripQuoted('Yes.\r\n\r\nOn Monday Bob <b@x.org> wrote:\r\n> Hello').text, 'Yes.')
})

test('what is no quote stays', () => {
  const texts = [
    'On Monday I wrote to you, and you did not answer.',
    'From: the beginning\nto the end.',
    'a > b\nand b > c',
    '> Shall we meet?\nYes.\n> When?\nTomorrow.',
    'Am I late?',
  ]
  for (const text of texts) assert.deepEqual(stripQuoted(text), { text, quoted: '' })
})

test('an email that is all quote is shown whole', () => {
  assert.deepEqual(stripQuoted('> Hello\n> there'), { text: '> Hello\n> there', quoted: '' })
})

test('a hostile text takes no more than its length', () => {
  // A pattern that goes back and forth, or a search that begins anew in each line, would take minutes.
  const hostile = [
    'On '.repeat(100_000),
    `${'> x\n\n'.repeat(60_000)}y`,
    `On ${'wrote schrieb '.repeat(50_000)}`,
    '_'.repeat(900_000),
  ]
  for (const text of hostile) assert.equal(typeof stripQuoted(text).text, 'string')
})

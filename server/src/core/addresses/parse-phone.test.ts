import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePhone, parseWhatsappAddress, type Region } from './parse-phone.ts'

test('a phone number has one spelling, however it is written', () => {
  const written = [
    '+1 (415) 523-8886',
    '+14155238886',
    ' +1.415.523.8886 ',
    '＋１４１５５２３８８８６',
    '+1‑415‑523‑8886',
  ]
  for (const text of written) assert.equal(parsePhone(text, { field: 'to' }), '+14155238886', text)
  assert.equal(parsePhone('+44 (0)20 7946 0018', { field: 'to' }), '+442079460018')
  assert.equal(parsePhone('+39 02 1234 5678', { field: 'to' }), '+390212345678')
})

test('a number without a country code belongs to the region, and must be one there', () => {
  const of = (text: string, region?: Region) => parsePhone(text, { field: 'to', region })
  assert.equal(of('0151 23456789', 'DE'), '+4915123456789')
  assert.equal(of('(415) 523-8886', 'US'), '+14155238886')
  assert.equal(of('+33 6 12 34 56 78', 'DE'), '+33612345678')
  // Were they taken, messages would go to strangers.
  for (const text of ['12345', '112', '0151 23']) assert.throws(() => of(text, 'DE'), problem('to'))
  assert.throws(() => of('0151 23456789'), problem('to'))
})

test('a number with its country code counts as it is, also where no numbering plan has it', () => {
  for (const number of ['+1234567890', '+15551234567', '+5215512345678', '+15005550006', '+8835100000123']) {
    assert.equal(parsePhone(number, { field: 'to' }), number)
  }
})

test('what is no phone number is refused, on the field that the caller names', () => {
  const texts = ['', '+', '+1', '+12345', '+1234567890123456', '+999123456789', 'call +14155238886', 'ada@example.com']
  for (const text of [...texts, '+1415523888\u0000', 'x'.repeat(10_000), '+14155238886 ext. 5', 'TWILIO']) {
    assert.throws(() => parsePhone(text, { field: 'phone' }), problem('phone'), text.slice(0, 40))
  }
})

test('a WhatsApp address is a phone number, with the prefix or without it', () => {
  const written = ['whatsapp:+14155238886', 'WhatsApp: +1 415 523 8886', '+14155238886']
  for (const text of written) assert.equal(parseWhatsappAddress(text, { field: 'to' }), '+14155238886', text)
  for (const text of ['whatsapp:', 'whatsapp:whatsapp:+14155238886', 'sms:+14155238886']) {
    assert.throws(() => parseWhatsappAddress(text, { field: 'to' }), problem('to'), text)
  }
})

function problem(field: string) {
  return (error: { code?: string; fields?: object }) => {
    assert.equal(error.code, 'invalid_request')
    assert.deepEqual(Object.keys(error.fields ?? {}), [field])
    return true
  }
}

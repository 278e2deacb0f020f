import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddressList } from './address-list.ts'

test('addresses and networks of both versions are found in a list', () => {
  const list = parseAddressList(['203.0.113.7', '198.51.100.0/24', '2001:db8::/32', '::1'])
  for (const address of ['203.0.113.7', '198.51.100.255', '2001:db8:1::5', '::1', '::ffff:203.0.113.7']) {
    assert.ok(list.has(address), address)
  }
  for (const address of ['203.0.113.8', '198.51.101.0', '2001:db9::1', '::2', '::ffff:203.0.113.8']) {
    assert.ok(!list.has(address), address)
  }
  assert.ok(!parseAddressList([]).has('203.0.113.7'))
})

test('what is neither an address nor a network is refused', () => {
  for (const text of [
    '',
    'example.com',
    '1.2.3',
    '1.2.3.4/33',
    '1.2.3.4/-1',
    '1.2.3.4/8/8',
    '::/129',
    '1.2.3.4/',
    'x/8',
  ]) {
    assert.throws(() => parseAddressList([text]), RangeError, text)
  }
})

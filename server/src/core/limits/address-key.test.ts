import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressKey } from './address-key.ts'

test('an IPv4 address is itself, however it is written', () => {
  assert.equal(addressKey('192.0.2.1'), '192.0.2.1')
  assert.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1')
})

test('all IPv6 addresses of one network are one, and another network is another', () => {
  const network = addressKey('2001:db8:1:2:3:4:5:6')
  for (const same of ['2001:db8:1:2::1', '2001:DB8:0001:2:ffff::', '2001:db8:1:2:3:4:5:7%eth0']) {
    assert.equal(addressKey(same), network)
  }
  assert.notEqual(addressKey('2001:db8:1:3::1'), network)
  assert.equal(addressKey('::1'), '0:0:0:0::/64')
  assert.equal(addressKey('2001:db8::1:2:3:4'), '2001:db8:0:0::/64')
})

test('whoever has no address is counted together', () => {
  assert.equal(addressKey(null), 'unknown')
})

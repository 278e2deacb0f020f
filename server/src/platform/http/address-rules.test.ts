import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAddressRules } from './address-rules.ts'

const PUBLIC = [
  '8.8.8.8',
  '93.184.216.34',
  '2606:4700:4700::1111',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '2002:808:808::1',
]

// One of each class, in each form that carries an IPv4 address.
const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '0.1.2.3',
  '192.0.0.8',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.7',
  '192.88.99.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:169.254.169.254',
  '::ffff:0:10.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::8.8.8.8',
  '2002:7f00:1::1',
  '2002:a00:1::',
  '2001::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'fc00::1',
  'fd12:3456::1',
  'ff02::1',
  '100::1',
  '2001:db8::1',
  '3fff::1',
  '4000::1',
  'not an address',
  '',
]

test('only public addresses are allowed, in whatever form they are written', () => {
  const rules = createAddressRules([])
  assert.deepEqual(
    PUBLIC.filter((address) => !rules.isAllowed(address)),
    [],
  )
  assert.deepEqual(
    PRIVATE.filter((address) => rules.isAllowed(address)),
    [],
  )
  assert.equal(rules.allowsSome, false)
})

test('a listed network is allowed, also where an IPv6 address carries one of its addresses; its neighbours are not', () => {
  const rules = createAddressRules(['10.0.0.0/8', 'fd00::/8', '192.168.7.7'])
  for (const address of ['10.9.9.9', '::ffff:10.9.9.9', 'fd00::1', '192.168.7.7', '8.8.8.8']) {
    assert.ok(rules.isAllowed(address), address)
  }
  for (const address of ['11.0.0.0', '192.168.7.8', 'fc00::1', '127.0.0.1']) {
    assert.equal(rules.isListed(address), false, address)
  }
  assert.equal(rules.isAllowed('192.168.7.8'), false)
  assert.equal(rules.isListed('8.8.8.8'), false)
})

test('a star is every address, and nonsense is refused when it is set', () => {
  const everything = createAddressRules(['*'])
  assert.ok(everything.isListed('127.0.0.1') && everything.isListed('::1'))
  for (const text of [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/8/8',
    'example.com',
    '10.0.0',
    'fe80::1%eth0',
  ]) {
    assert.throws(() => createAddressRules([text]), /must list networks/, text)
  }
})

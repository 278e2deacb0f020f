import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deriveKey } from './derive-key.ts'
import { createSealer } from './sealer.ts'

test('sealed text opens with its key and label only', () => {
  const sealer = createSealer(deriveKey('a secret of thirty-two characters', 'tests'))
  const sealed = sealer.seal('{"token":"é"}', 'ada k1')
  assert.equal(sealer.open(sealed, 'ada k1'), '{"token":"é"}')
  assert.equal(sealer.open(sealed, 'mallory k1'), undefined)
  const other = createSealer(deriveKey('a secret of thirty-two characters', 'another purpose'))
  assert.equal(other.open(sealed, 'ada k1'), undefined)
  assert.equal(sealed.includes('token'), false)
})

test('changed and cut bytes do not open', () => {
  const sealer = createSealer(deriveKey('a secret of thirty-two characters', 'tests'))
  const sealed = sealer.seal('text', 'label')
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed)
    changed[i]! ^= 1
    assert.equal(sealer.open(changed, 'label'), undefined)
    assert.equal(sealer.open(sealed.subarray(0, i), 'label'), undefined)
  }
})

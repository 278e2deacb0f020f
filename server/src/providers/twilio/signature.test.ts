import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { readContract } from '../../testing/emulators/twilio-contracts.ts'
import { verifySignature } from './signature.ts'

type Vector = {
  name: string
  authToken: string
  url: string
  params?: [string, string][]
  body?: string
  signature: string | null
  valid: boolean
}

test('the signatures of Twilio’s own SDKs are told right from wrong', async (t) => {
  const contract = await readContract<{ vectors: Vector[] }>(t, 'twilio/samples/signature-vectors.json')
  if (contract === undefined) return
  assert.equal(contract.vectors.length, 12)
  for (const { name, authToken, url, params, body: raw, signature, valid } of contract.vectors) {
    const body = params === undefined ? { raw: Buffer.from(raw!) } : { form: params }
    const given = { authToken, url, signature: signature ?? undefined, body }
    assert.equal(verifySignature(given), valid, name)
    assert.equal(verifySignature({ ...given, authToken: 'another' }), false, name)
    assert.equal(verifySignature({ ...given, url: `${url}&more=1` }), false, name)
  }
})

// The form of Twilio's documentation, as its SDKs test it.
const FORM: [string, string][] = [
  ['CallSid', 'CA1234567890ABCDE'],
  ['Caller', '+14158675309'],
  ['Digits', '1234'],
  ['From', '+14158675309'],
  ['To', '+18005551212'],
]
const SIGNED = {
  authToken: '12345',
  url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
  signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  body: { form: FORM },
}

test('the order of the fields does not count, each of their values does', () => {
  assert.equal(verifySignature(SIGNED), true)
  assert.equal(verifySignature({ ...SIGNED, body: { form: FORM.toReversed() } }), true)
  assert.equal(verifySignature({ ...SIGNED, body: { form: new URLSearchParams(FORM) } }), true)
  assert.equal(verifySignature({ ...SIGNED, body: { form: FORM.slice(1) } }), false)
  assert.equal(verifySignature({ ...SIGNED, body: { form: [...FORM, ['Body', 'STOP']] } }), false)
  assert.equal(verifySignature({ ...SIGNED, signature: '' }), false)
  assert.equal(verifySignature({ ...SIGNED, signature: undefined }), false)
})

test('without a token nothing is signed', () => {
  const signature = createHmac('sha1', '').update('https://mycompany.com/BodySTOP').digest('base64')
  const form: [string, string][] = [['Body', 'STOP']]
  assert.equal(verifySignature({ authToken: '', url: 'https://mycompany.com/', signature, body: { form } }), false)
})

test('connection overrides are not signed', () => {
  assert.equal(verifySignature({ ...SIGNED, url: `${SIGNED.url}#rc=5&rp=ct,rt,5xx` }), true)
})

test('a body that is no form counts only where the URL names its hash', () => {
  const url =
    'https://mycompany.com/myapp.php?bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620'
  const json = { authToken: '12345', url, signature: 'y77kIzt2vzLz71DgmJGsen2scGs=' }
  assert.equal(verifySignature({ ...json, body: { raw: Buffer.from('{"property": "value", "boolean": true}') } }), true)
  assert.equal(
    verifySignature({ ...json, body: { raw: Buffer.from('{"property": "other", "boolean": true}') } }),
    false,
  )
  // A signature over a URL alone says nothing of a body.
  const bare = { authToken: '12345', url: 'https://mycompany.com/', signature: 'x', body: { raw: Buffer.from('{}') } }
  assert.equal(verifySignature(bare), false)
})

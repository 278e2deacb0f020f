import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { readSendgridContract } from '../../testing/emulators/sendgrid-contracts.ts'
import { isSignedBySendgrid, parseEventKey, SIGNATURE_HEADER, TIMESTAMP_HEADER } from './event-signature.ts'

type Vectors = {
  signatureHeader: string
  timestampHeader: string
  vectors: { name: string; valid: boolean; publicKey: string; timestamp: string; body: string; signature: string }[]
}

test('SendGrid’s own vectors are judged as SendGrid says', async (t) => {
  const file = await readSendgridContract(t, 'events/signature-vectors.json')
  if (file === undefined) return
  const { vectors, signatureHeader, timestampHeader }: Vectors = JSON.parse(file.toString())
  assert.equal(signatureHeader.toLowerCase(), SIGNATURE_HEADER)
  assert.equal(timestampHeader.toLowerCase(), TIMESTAMP_HEADER)
  for (const { name, valid, publicKey, body, ...signed } of vectors) {
    const key = parseEventKey(publicKey)
    assert.equal(isSignedBySendgrid({ key, rawBody: Buffer.from(body), ...signed }), valid, name)
  }
  assert.ok(vectors.length > 0)
})

test('a body is taken only with the signature of its own bytes and time', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const key = parseEventKey(publicKey.export({ format: 'der', type: 'spki' }).toString('base64'))
  const rawBody = Buffer.from('[{"event":"open"}]\r\n')
  const timestamp = '1700000000'
  const signature = sign('sha256', Buffer.concat([Buffer.from(timestamp), rawBody]), privateKey).toString('base64')
  const right = { key, signature, timestamp, rawBody }
  assert.equal(isSignedBySendgrid(right), true)
  assert.equal(isSignedBySendgrid({ ...right, rawBody: Buffer.from('[{"event":"open"}]') }), false)
  assert.equal(isSignedBySendgrid({ ...right, timestamp: '1700000001' }), false)
  assert.equal(isSignedBySendgrid({ ...right, signature: undefined }), false)
  assert.equal(isSignedBySendgrid({ ...right, timestamp: undefined }), false)
  for (const nonsense of ['', 'x', 'AAAA', '!!!', 'MEUCIQ=='.repeat(5_000)]) {
    assert.equal(isSignedBySendgrid({ ...right, signature: nonsense }), false, nonsense.slice(0, 20))
  }
})

test('a signature can be too old, and too far ahead', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const timestamp = '1700000000'
  const rawBody = Buffer.from('[]')
  const signature = sign('sha256', Buffer.from(`${timestamp}[]`), privateKey).toString('base64')
  const judge = (nowMs: number) =>
    isSignedBySendgrid({ key: publicKey, signature, timestamp, rawBody, maxAgeMs: 60_000, nowMs })
  assert.equal(judge(1_700_000_060_000), true)
  assert.equal(judge(1_700_000_060_001), false)
  assert.equal(judge(1_699_999_939_999), false)
  const odd = sign('sha256', Buffer.from('1e9[]'), privateKey).toString('base64')
  assert.equal(
    isSignedBySendgrid({ key: publicKey, signature: odd, timestamp: '1e9', rawBody, maxAgeMs: 60_000, nowMs: 1e12 }),
    false,
  )
})

test('a key that is none is refused in words', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey.export({ format: 'der', type: 'spki' })
  for (const text of ['', 'nonsense', other.toString('base64')]) {
    assert.throws(() => parseEventKey(text), /verification key/)
  }
})

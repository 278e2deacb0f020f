import { createPublicKey, type KeyObject, verify } from 'node:crypto'

/** What SendGrid sends the signature and its time in. */
export const SIGNATURE_HEADER = 'x-twilio-email-event-webhook-signature'
export const TIMESTAMP_HEADER = 'x-twilio-email-event-webhook-timestamp'

export type SignedEvents = {
  key: KeyObject
  /** As in the headers; undefined where there was none. */
  signature: string | undefined
  timestamp: string | undefined
  /** The bytes as they came: another serialisation of the same JSON has another signature. */
  rawBody: Buffer
  /** A signature that is older, or further ahead, is not taken. Without it any age is. */
  maxAgeMs?: number
  nowMs?: number
}

/**
 * Reads the key that SendGrid shows as "verification key": base64 of a public key on the curve P-256. Throws, in words for
 * the operator, where it is none.
 */
export function parseEventKey(base64: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = createPublicKey({ key: Buffer.from(base64.trim(), 'base64'), format: 'der', type: 'spki' })
  } catch {
    key = undefined
  }
  if (key?.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error('must be the verification key that SendGrid shows for its signed event webhook')
  }
  return key
}

/**
 * Whether SendGrid signed this body: ECDSA with SHA-256 over the timestamp and the raw body.
 *
 * @see https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
export function isSignedBySendgrid({ key, signature, timestamp, rawBody, ...age }: SignedEvents): boolean {
  if (signature === undefined || timestamp === undefined) return false
  const signed = Buffer.concat([Buffer.from(timestamp), rawBody])
  // Whatever is no DER signature verifies as false.
  if (!verify('sha256', signed, key, Buffer.from(signature, 'base64'))) return false
  if (age.maxAgeMs === undefined) return true
  const atMs = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN
  return Math.abs((age.nowMs ?? Date.now()) - atMs) <= age.maxAgeMs
}

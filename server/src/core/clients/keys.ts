import { randomBytes, randomInt } from 'node:crypto'
import { hashToken } from '../sessions/random-token.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const PUBLIC_KEY_LENGTH = 32
const PUBLIC_KEY = /^pk_[A-Za-z0-9]{32}$/
const HINT_LENGTH = 4

/** Names a client and a mode to whoever reads it; no secret. */
export function createPublicKey(): string {
  return `pk_${Array.from({ length: PUBLIC_KEY_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`
}

/** What does not look like one is nobody's, and not worth a question to the database. */
export function isPublicKey(text: string): boolean {
  return PUBLIC_KEY.test(text)
}

/** 256 random bits behind a prefix by which people, and scanners for leaked secrets, know what it is. */
export function createClientToken(isLive: boolean): { token: string; hash: Buffer; hint: string } {
  const token = `sk_${isLive ? 'live' : 'test'}_${randomBytes(32).toString('base64url')}`
  return { token, hash: hashToken(token), hint: token.slice(-HINT_LENGTH) }
}

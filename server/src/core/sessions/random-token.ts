import { hash, randomBytes } from 'node:crypto'

/** 256 random bits: nobody guesses them, so a plain hash is enough to keep. */
export function createRandomToken(): { token: string; hash: Buffer } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashToken(token) }
}

export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

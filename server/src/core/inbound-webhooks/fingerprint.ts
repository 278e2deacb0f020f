import { createHash } from 'node:crypto'

/** Names a body by its bytes, for kinds whose webhooks have no name of their own: SHA-256 in hexadecimal. */
export function fingerprint(rawBody: Uint8Array): string {
  return createHash('sha256').update(rawBody).digest('hex')
}

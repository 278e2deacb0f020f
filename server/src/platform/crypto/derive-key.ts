import { hkdfSync } from 'node:crypto'

/** A 256-bit key for one purpose, made from the server's secret, so that no two purposes share one. */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `parlance ${purpose}`, 32))
}

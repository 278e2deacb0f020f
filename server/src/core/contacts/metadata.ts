import { invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'
import type { Metadata } from './schema.ts'

const BYTES_MAX = 16_384
const DEPTH_MAX = 32

/** Reads what a caller keeps with something of theirs; nothing at all is an empty object. */
export function parseMetadata(value: unknown, field = 'metadata'): Metadata {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidField(field, 'must be an object')
  requireStorable(value, field, 1)
  if (Buffer.byteLength(JSON.stringify(value)) > BYTES_MAX) {
    throw invalidField(field, `must have at most ${BYTES_MAX} bytes as JSON`)
  }
  return value as Metadata
}

function requireStorable(value: unknown, field: string, depth: number): void {
  if (typeof value === 'string') requireStorableText(value, field)
  if (typeof value !== 'object' || value === null) return
  if (depth > DEPTH_MAX) throw invalidField(field, `must be nested at most ${DEPTH_MAX} levels deep`)
  for (const [key, member] of Object.entries(value)) {
    requireStorableText(key, field)
    requireStorable(member, field, depth + 1)
  }
}

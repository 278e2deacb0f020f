import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * A place in the log: an event's position and the moment it was recorded. The moment makes a place of another
 * log, or of a log that was restored and went on differently, recognisable. Position 0 is before all events.
 */
export type Place = { position: number; atMs: number }

/** Cursors are places, signed so that only this installation's are accepted. */
export type Cursors = {
  encode(place: Place): string
  /** Undefined for what was not signed with this secret. */
  decode(cursor: string): Place | undefined
}

const PLACE_BYTES = 12
const MAC_BYTES = 12
const CURSOR_LENGTH = ((PLACE_BYTES + MAC_BYTES) * 4) / 3

export function createCursors(secret: string): Cursors {
  const key = createHmac('sha256', secret).update('realtime cursor 1').digest()
  const sign = (place: Buffer) => createHmac('sha256', key).update(place).digest().subarray(0, MAC_BYTES)
  return {
    encode({ position, atMs }) {
      const place = Buffer.alloc(PLACE_BYTES)
      place.writeUIntBE(position, 0, 6)
      place.writeUIntBE(atMs, 6, 6)
      return Buffer.concat([place, sign(place)]).toString('base64url')
    },
    decode(cursor) {
      if (cursor.length !== CURSOR_LENGTH) return undefined
      const bytes = Buffer.from(cursor, 'base64url')
      if (bytes.length !== PLACE_BYTES + MAC_BYTES) return undefined
      const place = bytes.subarray(0, PLACE_BYTES)
      if (!timingSafeEqual(sign(place), bytes.subarray(PLACE_BYTES))) return undefined
      return { position: place.readUIntBE(0, 6), atMs: place.readUIntBE(6, 6) }
    },
  }
}

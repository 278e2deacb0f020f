// Arrays in PostgreSQL's binary format, as `array_recv` reads them. `pg` sends arrays as text, in which every quote
// of every element is escaped and taken apart again: for the rows of a batch that costs more than writing them.

/** What an array may hold. A timestamp is an ISO text, an element may be null. */
export type ArrayType = 'uuid' | 'int4' | 'text' | 'timestamptz'

type Element = string | number | null

const OIDS = { uuid: 2950, int4: 23, text: 25, timestamptz: 1184 } satisfies Record<ArrayType, number>
const SIZES = { uuid: 16, int4: 4, timestamptz: 8 }
const HEAD_BYTES = 20
const LENGTH_BYTES = 4
const NULL_LENGTH = -1
// PostgreSQL counts microseconds from 2000-01-01.
const EPOCH_MS = Date.UTC(2000, 0, 1)
const HIGH_WORD = 2 ** 32

const DASH = 45
const NOT_HEX = 255
/** The value of each hexadecimal digit, by its character code. */
const NIBBLES = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase())
  return digit === -1 ? NOT_HEX : digit
})

/** The value of a parameter of the type `uuid[]`, `int4[]`, `text[]` or `timestamptz[]`. */
export function encodeArray(type: ArrayType, elements: readonly Element[]): Buffer {
  const bytes = Buffer.allocUnsafe(elements.length === 0 ? HEAD_BYTES - 8 : HEAD_BYTES + bodyBytes(type, elements))
  writeHead(bytes, type, elements)
  let at = HEAD_BYTES
  for (const element of elements) {
    if (element === null) {
      at = bytes.writeInt32BE(NULL_LENGTH, at)
      continue
    }
    const start = at + LENGTH_BYTES
    const length = writeElement(bytes, start, { type, element })
    bytes.writeInt32BE(length, at)
    at = start + length
  }
  return bytes
}

function writeHead(bytes: Buffer, type: ArrayType, { length }: readonly Element[]): void {
  bytes.writeInt32BE(length === 0 ? 0 : 1, 0)
  // Whether there are nulls is for the reader to see.
  bytes.writeInt32BE(0, 4)
  bytes.writeInt32BE(OIDS[type], 8)
  if (length === 0) return
  bytes.writeInt32BE(length, 12)
  bytes.writeInt32BE(1, 16)
}

function bodyBytes(type: ArrayType, elements: readonly Element[]): number {
  let bytes = elements.length * LENGTH_BYTES
  for (const element of elements) {
    if (element !== null) bytes += type === 'text' ? Buffer.byteLength(String(element)) : SIZES[type]
  }
  return bytes
}

function writeElement(bytes: Buffer, at: number, { type, element }: { type: ArrayType; element: string | number }) {
  switch (type) {
    case 'text':
      return bytes.write(String(element), at)
    case 'uuid':
      return writeUuid(bytes, at, String(element))
    case 'int4':
      bytes.writeInt32BE(Number(element), at)
      return SIZES.int4
    case 'timestamptz':
      return writeTimestamp(bytes, at, String(element))
  }
}

function writeUuid(bytes: Buffer, at: number, text: string): number {
  let nibbles = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DASH) continue
    const nibble = NIBBLES[code] ?? NOT_HEX
    if (nibble === NOT_HEX || nibbles === 2 * SIZES.uuid) throw new TypeError(`Not a UUID: ${text}`)
    if (nibbles % 2 === 0) bytes[at + (nibbles >> 1)] = nibble << 4
    else bytes[at + (nibbles >> 1)]! |= nibble
    nibbles++
  }
  if (nibbles !== 2 * SIZES.uuid) throw new TypeError(`Not a UUID: ${text}`)
  return SIZES.uuid
}

function writeTimestamp(bytes: Buffer, at: number, text: string): number {
  const microseconds = (Date.parse(text) - EPOCH_MS) * 1_000
  if (!Number.isSafeInteger(microseconds)) throw new TypeError(`Not a time: ${text}`)
  bytes.writeInt32BE(Math.floor(microseconds / HIGH_WORD), at)
  bytes.writeUInt32BE(((microseconds % HIGH_WORD) + HIGH_WORD) % HIGH_WORD, at + 4)
  return SIZES.timestamptz
}

import { AppError } from './errors.ts'

export type Page<Row> = { rows: Row[]; nextCursor: string | null }

export type PageRequest = {
  /** Most rows on the page, 1 to 100. */
  limit: number
  /** The `nextCursor` of the page before. */
  cursor?: string | null
}

type CursorKinds = { id: string; time: string; text: string; number: number }
type CursorKind = keyof CursorKinds
type CursorKey<Kinds extends readonly CursorKind[]> = { -readonly [I in keyof Kinds]: CursorKinds[Kinds[I]] }

const CURSOR_CHARACTERS_MAX = 512
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/

/** A page out of `limit` + 1 rows: the last one only says that there is more. */
export function toPage<Row>(rows: Row[], limit: number, keyOf: (row: Row) => (string | number)[]): Page<Row> {
  const shown = rows.slice(0, limit)
  const nextCursor = rows.length > limit ? encodeCursor(keyOf(shown.at(-1)!)) : null
  return { rows: shown, nextCursor }
}

/** The key of the last row of a page, as the caller gives it back. */
export function encodeCursor(key: (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The key in a cursor; refuses with `invalid_cursor` what `encodeCursor` did not make of such a key. */
export function decodeCursor<const Kinds extends readonly CursorKind[]>(
  cursor: string,
  kinds: Kinds,
): CursorKey<Kinds> {
  const key = cursor.length <= CURSOR_CHARACTERS_MAX ? parseKey(cursor) : undefined
  const fits = Array.isArray(key) && key.length === kinds.length && kinds.every((kind, i) => isOfKind(key[i], kind))
  if (!fits) throw new AppError('invalid_cursor', 'cursor')
  return key as CursorKey<Kinds>
}

function parseKey(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

function isOfKind(value: unknown, kind: CursorKind): boolean {
  if (kind === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'string') return false
  if (kind === 'id') return UUID.test(value)
  if (kind === 'time') return TIME.test(value) && !Number.isNaN(Date.parse(value))
  return !value.includes('\0') && value.isWellFormed()
}

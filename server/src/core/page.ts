import { AppError } from './errors.ts'

/** One page of a list. */
export type Page<Row> = {
  rows: Row[]
  /** Where the next page begins; null on the last one. */
  nextCursor: string | null
}

export const PAGE_DEFAULT = 50
export const PAGE_MAX = 100

/** A cursor is the sort key of the last row, opaque to callers. */
export function encodeCursor(key: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

const CURSOR_LENGTH_MAX = 512

/**
 * Reads a cursor back; `isKey` says whether its values are of this list's kind. Throws `invalid_cursor` for what
 * this list never gave out.
 */
export function decodeCursor<Key extends readonly unknown[]>(
  cursor: string,
  isKey: (value: unknown[]) => boolean,
): Key {
  try {
    if (cursor.length <= CURSOR_LENGTH_MAX) {
      const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
      if (Array.isArray(key) && isKey(key)) return key as unknown as Key
    }
  } catch {
    // Not JSON: the same answer as for any other nonsense.
  }
  throw new AppError('invalid_cursor', 'cursor')
}

/** Cuts a list that was read with one row more than asked for into its page. */
export function cutPage<Row>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row) => readonly (string | number | null)[],
): Page<Row> {
  if (rows.length <= limit) return { rows, nextCursor: null }
  const page = rows.slice(0, limit)
  return { rows: page, nextCursor: encodeCursor(keyOf(page.at(-1)!)) }
}

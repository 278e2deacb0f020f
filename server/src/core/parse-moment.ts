import type { Timestamp } from '../platform/clock.ts'

const ISO = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)([Zz]|[+ -]\d\d:?\d\d)?)?$/
const EPOCH_SECONDS = /^\d{9,10}(?:\.\d{1,9})?$/
const EPOCH_MS = /^\d{12,13}$/

/**
 * Reads a moment as people give it: ISO 8601 (UTC where no zone is given), only a date (its beginning), or seconds
 * or milliseconds since 1970. Undefined where it is none of these.
 */
export function parseMoment(text: string): Timestamp | undefined {
  if (EPOCH_SECONDS.test(text)) return new Date(Math.floor(Number(text) * 1_000)).toISOString()
  if (EPOCH_MS.test(text)) return new Date(Number(text)).toISOString()
  const [, date, time = '00:00', zone = 'Z'] = ISO.exec(text) ?? []
  if (date === undefined || !isDate(date)) return undefined
  // The plus of a zone arrives as a space where a query string was not encoded.
  const ms = Date.parse(`${date}T${time.replace(',', '.')}${zone.toUpperCase().replace(' ', '+')}`)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/** Whether a value is a moment in our own form, as in a cursor. */
export function isTimestamp(value: unknown): value is Timestamp {
  return typeof value === 'string' && parseMoment(value) === value
}

/** False for the 31st of February, which `Date.parse` takes for a day in March. */
function isDate(date: string): boolean {
  const ms = Date.parse(`${date}T00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
}

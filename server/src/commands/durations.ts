import { parseMoment } from '../core/parse-moment.ts'
import { addMs, type Timestamp } from '../platform/clock.ts'
import { UsageError } from './usage-error.ts'

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^(\d{1,5})([smhd])$/

/** `90d`, `24h`, `30m`, `10s` or `0`, in milliseconds. */
export function parseDuration(flag: string, text: string): number {
  const duration = findDuration(text)
  if (duration === undefined) throw new UsageError(`${flag} must be a time such as 90d, 24h, 30m or 0, not "${text}".`)
  return duration
}

/** A moment, or how long it is until then. */
export function parseExpiry(flag: string, text: string, now: Timestamp): Timestamp {
  const duration = findDuration(text)
  const moment = duration === undefined ? parseMoment(text) : addMs(now, duration)
  if (moment === undefined)
    throw new UsageError(`${flag} must be a time such as 90d, or a date such as 2027-01-31, not "${text}".`)
  if (moment <= now) throw new UsageError(`${flag} must be in the future, and ${text} is not.`)
  return moment
}

/** A moment, or how long ago it was. */
export function parseSince(flag: string, text: string, now: Timestamp): Timestamp {
  const duration = findDuration(text)
  const moment = duration === undefined ? parseMoment(text) : addMs(now, -duration)
  if (moment === undefined)
    throw new UsageError(`${flag} must be a time such as 2h, or a date such as 2027-01-31, not "${text}".`)
  return moment
}

function findDuration(text: string): number | undefined {
  if (text === '0') return 0
  const [, count, unit] = DURATION.exec(text) ?? []
  return unit === undefined ? undefined : Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]
}

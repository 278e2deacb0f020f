import { addMs, type Timestamp } from '../../platform/clock.ts'

const SECOND_MS = 1_000
const HOUR_MS = 60 * 60 * SECOND_MS

/** How long a delivery is tried, and an endpoint may fail, in milliseconds. */
export const RETRY_FOR_MS = 72 * HOUR_MS

// On average half of it, so 5 s after the first attempt.
const FIRST_WAIT_MS_MAX = 10 * SECOND_MS
const WAIT_MS_MIN = SECOND_MS
const WAIT_MS_MAX = 6 * HOUR_MS
/** Where chance gives short waits only. */
const ATTEMPTS_MAX = 100

export type FailedAttempt = {
  /** From 1. */
  number: number
  firstAttemptAt: Timestamp
  now: Timestamp
  /** What the receiver asked for. */
  retryAfterMs: number | undefined
  /** From 0 to 1. */
  random: number
}

/**
 * When a delivery is tried again: after a random part of a time that doubles with each attempt, up to 6 hours; no
 * sooner than the receiver asked for, up to 6 hours too. Undefined where it is given up: 3 days after the first attempt.
 */
export function planRetry({ number, firstAttemptAt, now, retryAfterMs, random }: FailedAttempt): Timestamp | undefined {
  const ceilingMs = Math.min(FIRST_WAIT_MS_MAX * 2 ** (number - 1), WAIT_MS_MAX)
  const waitMs = Math.max(WAIT_MS_MIN, random * ceilingMs, Math.min(retryAfterMs ?? 0, WAIT_MS_MAX))
  const at = addMs(now, Math.round(waitMs))
  const isLate = Date.parse(at) - Date.parse(firstAttemptAt) > RETRY_FOR_MS
  return isLate || number >= ATTEMPTS_MAX ? undefined : at
}

/** The header Retry-After: seconds or a date. Undefined where it says nothing of use. */
export function parseRetryAfter(text: string | undefined, now: Timestamp): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * SECOND_MS : Date.parse(text) - Date.parse(now)
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}

import { addMs, type Timestamp } from '../../platform/clock.ts'

const SECOND_MS = 1_000
const HOUR_MS = 3_600 * SECOND_MS

/** How long a message that carriers refuse for the moment is offered again, in milliseconds: a day. */
export const RETRY_FOR_MS = 24 * HOUR_MS

const FIRST_WAIT_MS_MAX = 4 * SECOND_MS
const WAIT_MS_MIN = 500
const WAIT_MS_MAX = HOUR_MS

export type RefusedAttempt = {
  /** From 1. */
  number: number
  /** When the message was written. */
  createdAt: Timestamp
  now: Timestamp
  /** What the carrier asked for. */
  retryAfterMs: number | null
  /** From 0 to 1. */
  random: number
}

/**
 * When a refused message is handed over again: after a random part of a time that doubles with each attempt, up to an
 * hour; no sooner than the carrier asked for, up to an hour too. Undefined where its day is over.
 */
export function planRetry({ number, createdAt, now, retryAfterMs, random }: RefusedAttempt): Timestamp | undefined {
  const ceilingMs = Math.min(FIRST_WAIT_MS_MAX * 2 ** (number - 1), WAIT_MS_MAX)
  const waitMs = Math.max(WAIT_MS_MIN, random * ceilingMs, Math.min(retryAfterMs ?? 0, WAIT_MS_MAX))
  const at = addMs(now, Math.round(waitMs))
  return Date.parse(at) - Date.parse(createdAt) > RETRY_FOR_MS ? undefined : at
}

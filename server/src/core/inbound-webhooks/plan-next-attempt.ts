import { addMs, type Timestamp } from '../../platform/clock.ts'

const SECOND_MS = 1_000
const HOUR_MS = 60 * 60 * SECOND_MS

/** Then it is `failed`. */
export const ATTEMPTS_MAX = 12

// On average half of it. With these all twelve attempts take about a day, two at most.
const FIRST_WAIT_MS_MAX = 10 * SECOND_MS
const GROWTH = 3
const WAIT_MS_MIN = SECOND_MS
const WAIT_MS_MAX = 12 * HOUR_MS

export type FailedApply = {
  /** From 1. */
  number: number
  now: Timestamp
  /** From 0 to 1. */
  random: number
}

/**
 * When a webhook is applied again: after a random part of a time that trebles with each attempt, up to 12 hours. Undefined
 * after the twelfth.
 */
export function planNextAttempt({ number, now, random }: FailedApply): Timestamp | undefined {
  if (number >= ATTEMPTS_MAX) return undefined
  const ceilingMs = Math.min(FIRST_WAIT_MS_MAX * GROWTH ** (number - 1), WAIT_MS_MAX)
  return addMs(now, Math.round(Math.max(WAIT_MS_MIN, random * ceilingMs)))
}

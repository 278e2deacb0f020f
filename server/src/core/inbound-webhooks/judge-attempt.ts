import type { Timestamp } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { Attempt } from './apply-webhooks.ts'
import { describeFailure, describeFrames } from './describe-failure.ts'
import { planNextAttempt } from './plan-next-attempt.ts'
import type { ApplyResult } from './write-apply-results.ts'

const NOBODY_APPLIES = 'Nothing here applies webhooks of this kind.'

/** What an attempt comes to: an end, or a time for the next one. */
export function judgeAttempt(
  attempt: Attempt,
  { now, random, log }: { now: Timestamp; random: number; log: Logger },
): ApplyResult {
  const { id, kind, number } = attempt.claim
  const result = { id, kind, number, dueAt: null, error: null, endedAt: now, isUntried: false }
  if ('outcome' in attempt) {
    const { outcome } = attempt
    if (outcome === 'untried') return { ...result, status: 'pending', dueAt: now, isUntried: true }
    if (outcome === 'unknown') return { ...result, status: 'ignored', error: NOBODY_APPLIES }
    return { ...result, status: outcome }
  }
  const error = describeFailure(attempt.error)
  const dueAt = planNextAttempt({ number, now, random })
  const fields = { webhook: id, kind, number, error, at: describeFrames(attempt.error) }
  if (dueAt !== undefined) {
    log.warn(fields, 'a webhook could not be applied yet')
    return { ...result, status: 'pending', dueAt, error }
  }
  log.error(fields, 'a webhook could not be applied')
  return { ...result, status: 'failed', error }
}

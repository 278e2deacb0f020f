import type { Timestamp } from '../../platform/clock.ts'
import type { OutgoingReply } from '../../platform/http/outgoing.ts'
import type { Claim } from './claim-deliveries.ts'
import { parseRetryAfter, planRetry } from './retry-schedule.ts'
import type { DisabledReason } from './schema.ts'

/** How an attempt went, as it is written down. */
export type AttemptResult = {
  deliveryId: string
  endpointId: string
  number: number
  startedAt: Timestamp
  finishedAt: Timestamp
  durationMs: number
  statusCode: number | null
  error: string | null
  responseExcerpt: string | null
  status: 'pending' | 'delivered' | 'failed'
  /** Where it is tried again. */
  nextAttemptAt: Timestamp | null
}

export const EXCERPT_BYTES_MAX = 1_024

const GONE = 410

/** The event is no longer kept, so that there is nothing to send. */
export function isExpired({ data, position }: Claim): boolean {
  return data === null && position > 0
}

type Attempt = { claim: Claim; startedAt: Timestamp; now: Timestamp; durationMs: number; random: number }

/** What an answer means: 2xx is delivered, 410 is given up, all else is tried again until its time is over. */
export function judgeReply(reply: OutgoingReply, { claim, startedAt, now, durationMs, random }: Attempt) {
  const isAnswered = 'status' in reply
  const isDelivered = isAnswered && reply.status >= 200 && reply.status <= 299
  const retryAfterMs = isAnswered ? parseRetryAfter(reply.retryAfter, now) : undefined
  const isGone = isAnswered && reply.status === GONE
  const isFinal = isDelivered || isGone || isExpired(claim)
  const { number, firstAttemptAt } = claim
  const retryAt = isFinal ? undefined : planRetry({ number, firstAttemptAt, now, retryAfterMs, random })
  const result: AttemptResult = {
    deliveryId: claim.deliveryId,
    endpointId: claim.endpointId,
    number,
    startedAt,
    finishedAt: now,
    durationMs: Math.round(durationMs),
    statusCode: isAnswered ? reply.status : null,
    error: isAnswered ? (isDelivered ? null : `answered ${reply.status}`) : reply.error,
    // PostgreSQL has no place for U+0000.
    responseExcerpt: isAnswered ? reply.body.replaceAll('\0', '') : null,
    status: isDelivered ? 'delivered' : retryAt === undefined ? 'failed' : 'pending',
    nextAttemptAt: retryAt ?? null,
  }
  const disable: DisabledReason | undefined = isGone ? 'gone' : undefined
  return { result, disable }
}

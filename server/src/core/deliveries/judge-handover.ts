import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Handover } from './carrier.ts'
import type { Claim } from './claim-deliveries.ts'
import { planRetry } from './plan-retry.ts'
import type { HeardStep } from './schema.ts'

type Judge = { claim: Pick<Claim, 'deliveryId' | 'number' | 'createdAt'>; now: Timestamp; random: number }

/** How long after a handover that ended unknown the carrier is asked first, in milliseconds: it may not know at once. */
const FIRST_INQUIRY_MS = 15_000

/** What a handover means for the delivery. */
export function judgeHandover(handover: Handover, { claim, now, random }: Judge): HeardStep {
  const { deliveryId, number, createdAt } = claim
  const step = {
    deliveryId,
    attempt: number,
    source: 'attempt' as const,
    dueAt: null,
    carrierId: null,
    carrierStatus: null,
    code: null,
    reason: null,
    reportKey: null,
    occurredAt: now,
  }
  if (handover.outcome === 'accepted') {
    const { carrierId, carrierStatus } = handover
    return { ...step, status: 'sent', carrierId, carrierStatus }
  }
  const { code, reason } = handover
  if (handover.outcome === 'unknown') {
    return { ...step, status: 'unknown', code, reason, dueAt: addMs(now, FIRST_INQUIRY_MS) }
  }
  if (handover.isFinal) return { ...step, status: 'failed', code, reason }
  const { retryAfterMs } = handover
  const dueAt = planRetry({ number, createdAt, now, retryAfterMs, random })
  if (dueAt === undefined) return { ...step, status: 'failed', code, reason: `${reason} It was tried for a day.` }
  return { ...step, status: 'queued', code, reason, dueAt }
}

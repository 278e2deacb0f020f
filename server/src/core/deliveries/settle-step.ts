import type { Timestamp } from '../../platform/clock.ts'
import type { Delivery, DeliveryStatus, Step } from './schema.ts'

/** A delivery as it is kept: also how often it was handed over, and when something is due. */
export type KeptDelivery = Delivery & { attemptCount: number; dueAt: Timestamp }

// A failure counts for more than having been sent, and for less than the person having it.
const RANKS: Record<DeliveryStatus, number> = {
  cancelled: 0,
  queued: 1,
  sending: 2,
  unknown: 3,
  sent: 4,
  failed: 5,
  delivered: 6,
  read: 7,
}

/**
 * What a step makes of a delivery; undefined where it changes nothing. Steps may come in any order and more than once:
 * the status only rises. But an attempt that surely was not accepted goes back into the queue, as long as nothing else
 * was heard of it.
 */
export function settleStep(delivery: KeptDelivery, step: Step, now: Timestamp): KeptDelivery | undefined {
  if (step.attempt !== null && step.attempt !== delivery.attemptCount) return takeCarrierId(delivery, step, now)
  const isInDoubt = delivery.status === 'sending' || delivery.status === 'unknown'
  if (step.status === 'queued' || (step.status === 'unknown' && step.dueAt !== null)) {
    return isInDoubt ? change(delivery, step, now) : undefined
  }
  if (step.status === 'cancelled') return delivery.status === 'queued' ? change(delivery, step, now) : undefined
  if (RANKS[step.status] > RANKS[delivery.status]) return change(delivery, step, now)
  if (step.status === delivery.status && step.carrierStatus !== null && step.carrierStatus !== delivery.carrierStatus) {
    return { ...(takeCarrierId(delivery, step, now) ?? delivery), carrierStatus: step.carrierStatus, updatedAt: now }
  }
  return takeCarrierId(delivery, step, now)
}

/** An id is worth keeping whenever it comes: by it the carrier's reports find the delivery. */
function takeCarrierId(delivery: KeptDelivery, { carrierId }: Step, now: Timestamp): KeptDelivery | undefined {
  if (carrierId === null || delivery.carrierId !== null) return undefined
  return { ...delivery, carrierId, updatedAt: now }
}

function change(delivery: KeptDelivery, step: Step, now: Timestamp): KeptDelivery {
  return {
    ...delivery,
    status: step.status,
    carrierId: delivery.carrierId ?? step.carrierId,
    carrierStatus: step.carrierStatus ?? delivery.carrierStatus,
    errorCode: step.code,
    errorReason: step.reason,
    dueAt: step.dueAt ?? delivery.dueAt,
    updatedAt: now,
  }
}

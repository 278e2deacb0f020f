import type { Timestamp } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import { applySteps } from '../deliveries/apply-steps.ts'
import { findReported } from '../deliveries/queries.ts'
import type { DeliveryStatus, HeardStep } from '../deliveries/schema.ts'

/** What a carrier says has become of something that it was handed. */
export type DeliveryReport = {
  carrier: string
  /** Ours, where the report names it. */
  deliveryId: string | null
  carrierId: string | null
  /** Whom it is about, where a message has copies for others; null for the one it was sent to. */
  to: string | null
  status: Extract<DeliveryStatus, 'sent' | 'delivered' | 'read' | 'failed'>
  /** In the carrier's own word. */
  carrierStatus: string
  code: string | null
  /** A plain sentence that says what went wrong and what to do. */
  reason: string | null
  /** Names the report among those of its delivery. */
  key: string
  occurredAt: Timestamp
}

/** Writes reports down with their deliveries, in one transaction. Says of each whether there is such a delivery. */
export async function receiveReports(ctx: Context, reports: readonly DeliveryReport[]): Promise<boolean[]> {
  const found = await findReported(ctx.db, reports)
  const steps = reports.flatMap((report, i) => {
    const deliveryId = found[i]
    return deliveryId === undefined ? [] : [toStep(report, deliveryId)]
  })
  await applySteps(ctx, steps)
  return found.map((deliveryId) => deliveryId !== undefined)
}

function toStep({ key, carrier: _, to: __, ...report }: DeliveryReport, deliveryId: string): HeardStep {
  return { ...report, deliveryId, source: 'report', attempt: null, dueAt: null, reportKey: key }
}

import type { Context } from '../context.ts'
import { lockStreams } from '../log/append-events.ts'
import { type Returned, raiseForReturned } from '../manual-actions/raise-for-returned.ts'
import { holdDeliveries, insertSteps, listConversationsOf, listKnownReports, updateDeliveries } from './queries.ts'
import type { Delivery, HeardStep } from './schema.ts'
import { type KeptDelivery, settleStep } from './settle-step.ts'

/** Most steps at once. */
export const STEPS_MAX = 500

/**
 * Writes down what was heard of deliveries, in this order, and announces what it changes. A report that was heard
 * before changes nothing; of a delivery that there is not, nothing is kept. Gives the deliveries that changed.
 */
export async function applySteps(ctx: Context, heard: HeardStep[]): Promise<Delivery[]> {
  if (heard.length === 0) return []
  return ctx.transaction(async (ctx) => {
    const ids = [...new Set(heard.map(({ deliveryId }) => deliveryId))]
    // Neither a delivery's conversation nor its row ever goes away, so that this needs no second look.
    await lockStreams(ctx.db, await listConversationsOf(ctx.db, ids))
    const held = new Map((await holdDeliveries(ctx.db, ids)).map((one) => [one.id, one]))
    const fresh = await leaveOutRepeats(
      ctx,
      heard.filter(({ deliveryId }) => held.has(deliveryId)),
    )
    const now = ctx.now()
    const changed = new Map<string, KeptDelivery>()
    const returned: Returned[] = []
    for (const { deliveryId, ...step } of fresh) {
      const delivery = changed.get(deliveryId) ?? held.get(deliveryId)!
      if (step.status === 'failed' && hasArrived(delivery)) returned.push({ ...step, deliveryId })
      const settled = settleStep(delivery, step, now)
      if (settled !== undefined) changed.set(deliveryId, settled)
    }
    await insertSteps(ctx.db, fresh)
    await updateDeliveries(ctx.db, [...changed.values()])
    await raiseForReturned(ctx, returned)
    return [...changed.values()].map((kept) => announce(ctx, kept))
  })
}

function hasArrived({ status }: KeptDelivery): boolean {
  return status === 'delivered' || status === 'read'
}

function announce(ctx: Context, { attemptCount, dueAt, ...delivery }: KeptDelivery): Delivery {
  const { conversationId, workspaceId } = delivery
  ctx.record({ type: 'delivery.updated', streamId: conversationId, workspaceId, data: { delivery } })
  return delivery
}

async function leaveOutRepeats(ctx: Context, heard: HeardStep[]): Promise<HeardStep[]> {
  const keyed = heard.filter(({ reportKey }) => reportKey !== null)
  const seen = keyed.length === 0 ? new Set<string>() : await listKnownReports(ctx.db, keyed)
  return heard.filter(({ deliveryId, reportKey }) => {
    if (reportKey === null) return true
    const key = `${deliveryId} ${reportKey}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

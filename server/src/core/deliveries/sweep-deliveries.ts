import { sql } from 'kysely'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { applySteps, STEPS_MAX } from './apply-steps.ts'
import type { HeardStep } from './schema.ts'

type Stuck = { deliveryId: string; attempt: number }

/**
 * Messages whose handover should have ended long ago: the node that made it is gone, perhaps after the carrier took
 * them. So they are unknown, and not handed over again.
 */
export async function sweepStuckDeliveries(ctx: Context<SystemActor>): Promise<number> {
  const { rows } = await sql<Stuck>`
    select id as delivery_id, attempt_count as attempt from deliveries
    where status = 'sending' and due_at <= ${ctx.now()} order by due_at limit ${sql.lit(STEPS_MAX)}`.execute(ctx.db)
  await applySteps(
    ctx,
    rows.map((stuck) => unknownStep(ctx, stuck)),
  )
  return rows.length
}

function unknownStep(ctx: Context, { deliveryId, attempt }: Stuck): HeardStep {
  return {
    deliveryId,
    attempt,
    status: 'unknown',
    source: 'system',
    dueAt: ctx.now(),
    carrierId: null,
    carrierStatus: null,
    code: 'interrupted',
    reason: 'The server stopped while it handed the message over: nobody can say yet whether it was taken.',
    reportKey: null,
    occurredAt: ctx.now(),
  }
}

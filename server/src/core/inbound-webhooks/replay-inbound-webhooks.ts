import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { InboundStatus } from './schema.ts'

export type ReplayInboundWebhooks = {
  /** This one, also where it is pending: then it need not wait any longer. */
  id?: string | undefined
  kind?: string | undefined
  /** Those that came at this time or later. */
  since?: Timestamp | undefined
  /** All that have ended unless said. */
  status?: Exclude<InboundStatus, 'pending'> | undefined
}

const BATCH_ROWS = 1_000
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'
const ENDED: readonly InboundStatus[] = ['applied', 'ignored', 'failed']

/**
 * Applies stored webhooks again, as if they came now: the dispatchers take them in the order in which they came, after what
 * waits already. In batches that each commit, so that one which is broken off can be begun again.
 */
export async function replayInboundWebhooks(
  ctx: Context<SystemActor>,
  { id, kind, since, status }: ReplayInboundWebhooks,
): Promise<{ replayed: number }> {
  const statuses = id === undefined ? (status === undefined ? ENDED : [status]) : [...ENDED, 'pending']
  // What comes meanwhile, or is applied again, is not for this replay.
  const conditions = [sql`status = any(${[...statuses]}::text[])`, sql`received_at <= ${ctx.now()}`]
  if (id !== undefined) conditions.push(sql`id = ${id}`)
  if (kind !== undefined) conditions.push(sql`kind = ${kind}`)
  if (since !== undefined) conditions.push(sql`received_at >= ${since}`)
  let replayed = 0
  let after: string | null = BEFORE_ALL
  while (after !== null) {
    const further = [...conditions, sql`id > ${after}`]
    const batch: Batch = await ctx.transaction((inner) => replayBatch(inner, further))
    replayed += batch.replayed
    after = batch.last
  }
  return { replayed }
}

type Batch = { last: string | null; replayed: number }

async function replayBatch(ctx: Context<SystemActor>, conditions: ReturnType<typeof sql>[]): Promise<Batch> {
  const { rows } = await sql<Batch>`
    with chosen as materialized (
      select id from inbound_webhooks where ${sql.join(conditions, sql` and `)}
      order by id limit ${sql.lit(BATCH_ROWS)} for update
    ), replayed as (
      update inbound_webhooks
      set status = 'pending', attempt_count = 0, due_at = ${ctx.now()}, error = null, applied_at = null
      where id = any(array(select id from chosen))
    )
    select (select id from chosen order by id desc limit 1) as last, (select count(*) from chosen) as replayed`.execute(
    ctx.db,
  )
  return rows[0]!
}

import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { ClientActor, SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { deriveId } from '../derive-id.ts'
import { requireEnabledEndpoint } from './queries.ts'

/** So many deliveries are sent again by one request. */
export const REPLAYS_MAX = 10_000

const BATCH_ROWS = 500

export type Replay = { endpointId: string; since: Timestamp; until: Timestamp }

/** Sends again, by a job, what was given up since then and was not sent again yet: the oldest 10,000 at most. */
export async function replayFailedDeliveries(
  ctx: Context<ClientActor>,
  { endpointId, since }: { endpointId: string; since: Timestamp },
): Promise<void> {
  await ctx.transaction(async (ctx) => {
    await requireEnabledEndpoint(ctx, endpointId)
    const payload: Replay = { endpointId, since, until: ctx.now() }
    await ctx.enqueue({ task: 'replay_webhook_deliveries', payload })
  })
}

/** The job: what it has sent again is marked, so that it may run twice. */
export async function replayDeliveries(ctx: Context<SystemActor>, replay: Replay): Promise<{ replayed: number }> {
  let replayed = 0
  let after = '00000000-0000-0000-0000-000000000000'
  while (replayed < REPLAYS_MAX) {
    const batch = await replayBatch(ctx, { ...replay, after, limit: Math.min(BATCH_ROWS, REPLAYS_MAX - replayed) })
    if (batch.last === null) break
    replayed += batch.replayed
    after = batch.last
  }
  return { replayed }
}

type Batch = Replay & { after: string; limit: number }

async function replayBatch(ctx: Context<SystemActor>, batch: Batch) {
  const { endpointId, since, until, after, limit } = batch
  const { rows } = await sql<{ last: string | null; replayed: number }>`
    with enabled as materialized (
      select id from webhook_endpoints
      where id = ${endpointId} and disabled_at is null and deleted_at is null for share
    ), failed as materialized (
      select d.id, d.event_id, d.event_type, d.position from enabled n join webhook_deliveries d on d.endpoint_id = n.id
      where d.status = 'failed' and d.id > ${after} and d.finished_at >= ${since} and d.finished_at <= ${until}
        and d.replayed_at is null
        and (d.position = 0 or exists (select 1 from client_events c where c.id = d.event_id))
      order by d.id limit ${limit} for update of d
    ), marked as (
      update webhook_deliveries d set replayed_at = ${ctx.now()} from failed f where d.id = f.id
    ), added as (
      insert into webhook_deliveries (id, endpoint_id, event_id, event_type, position, next_attempt_at, created_at)
      select ${deriveId(sql`${ctx.now()}::timestamptz`, sql`'replay ' || f.id`)}, ${endpointId}, f.event_id, f.event_type,
        f.position, 'epoch', ${ctx.now()}
      from failed f
    )
    select (select id from failed order by id desc limit 1) as last, (select count(*) from failed) as replayed`.execute(
    ctx.db,
  )
  return rows[0]!
}

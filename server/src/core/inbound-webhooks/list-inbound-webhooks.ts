import type { Timestamp } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { InboundStatus } from './schema.ts'

export type ListInboundWebhooks = {
  limit: number
  kind?: string | undefined
  /** Those that came at this time or later. */
  since?: Timestamp | undefined
  status?: InboundStatus | undefined
}

/** What became of a webhook; what is in it, only its applier sees. */
export type InboundWebhook = {
  id: string
  kind: string
  key: string
  status: InboundStatus
  attemptCount: number
  bodyBytes: number
  error: string | null
  receivedAt: Timestamp
  appliedAt: Timestamp | null
  /** While it is pending: when it is applied, or when the node that applies it must have ended. */
  dueAt: Timestamp | null
}

/** The newest first. */
export async function listInboundWebhooks(
  ctx: Context<SystemActor>,
  { limit, kind, since, status }: ListInboundWebhooks,
): Promise<InboundWebhook[]> {
  const rows = await ctx.db
    .selectFrom('inboundWebhooks')
    .select(['id', 'kind', 'key', 'status', 'attemptCount', 'error', 'receivedAt', 'appliedAt', 'dueAt'])
    .select(({ fn }) => fn<number>('octet_length', ['body']).as('bodyBytes'))
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
    .$if(since !== undefined, (query) => query.where('receivedAt', '>=', since!))
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    ...row,
    status: row.status as InboundStatus,
    dueAt: row.status === 'pending' ? row.dueAt : null,
  }))
}

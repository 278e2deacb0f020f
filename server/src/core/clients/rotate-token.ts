import type { Timestamp } from '../../platform/clock.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { describeToken } from './audited.ts'
import { changeClient } from './change-client.ts'
import { insertToken } from './insert-token.ts'
import type { ClientAdministrator } from './policy.ts'
import { holdLivingClient } from './queries.ts'
import { type IssuedToken, LIVING_TOKENS_MAX } from './schema.ts'
import { requireFutureExpiry } from './token-expiry.ts'

export type RotateToken = {
  clientId: string
  isLive: boolean
  /** How long the older tokens still work, in milliseconds; a day unless said. */
  overlapMs?: number
  /** When the new one ends; null for never. */
  expiresAt?: Timestamp | null
}

const OVERLAP_DEFAULT_MS = 24 * 60 * 60 * 1_000

/**
 * Makes a new token of one mode, shown only here. The older ones of that mode expire after the overlap, those that
 * would sooner do. Announced in the client's stream, so that every node knows within a moment.
 */
export async function rotateToken(ctx: Context<ClientAdministrator>, input: RotateToken): Promise<IssuedToken> {
  const { clientId, isLive, overlapMs = OVERLAP_DEFAULT_MS } = input
  const expiresAt = requireFutureExpiry(ctx, input.expiresAt)
  return ctx.transaction(async (ctx) => {
    const client = await holdLivingClient(ctx.db, clientId)
    const expired = await expireTokens(ctx, { clientId, isLive, overlapMs })
    const issued = await insertToken(ctx, { clientId, isLive, expiresAt })
    await changeClient(ctx, clientId)
    const { token: _, ...kept } = issued
    await recordAudit(ctx, {
      workspaceId: isLive ? client.liveWorkspaceId : client.testWorkspaceId,
      action: 'client.rotate_token',
      targetType: 'client',
      targetId: clientId,
      before: { expiring: expired },
      after: describeToken(kept),
    })
    return issued
  })
}

type Expiring = { clientId: string; isLive: boolean; overlapMs: number }

/** Gives back the ids of those that worked until now. */
async function expireTokens(ctx: Context, { clientId, isLive, overlapMs }: Expiring): Promise<string[]> {
  const now = ctx.now()
  const end = new Date(Date.parse(now) + overlapMs).toISOString()
  const living = await ctx.db
    .updateTable('clientTokens')
    .set(({ fn, ref, val }) => ({ expiresAt: fn<Timestamp>('least', [ref('expiresAt'), val(end)]) }))
    .where('clientId', '=', clientId)
    .where('isLive', '=', isLive)
    .where('revokedAt', 'is', null)
    .where(({ eb, or }) => or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
    .returning('id')
    .execute()
  if (overlapMs > 0 && living.length >= LIVING_TOKENS_MAX) throw new AppError('too_many_client_tokens', 'client_id')
  return living.map(({ id }) => id)
}

import { addMs } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { REMOVE_BATCH_ROWS, removeInBatches } from '../remove-in-batches.ts'
import { SESSION_LIFE_MS } from './schema.ts'

const DAY_MS = 24 * 60 * 60 * 1000

// Far longer than an access token lives, so that one is never met without its session.
const ENDED_KEPT_MS = DAY_MS
// A used refresh token that comes back ends its session: kept for as long as a session lives without a refresh.
const USED_TOKENS_KEPT_MS = SESSION_LIFE_MS

/** Removes sessions that have ended, with their tokens, and tokens that were used long ago. Nobody hears of it. */
export async function removeEndedSessions(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  const endedBefore = addMs(ctx.now(), -ENDED_KEPT_MS)
  const usedBefore = addMs(ctx.now(), -USED_TOKENS_KEPT_MS)
  const sessions = await removeInBatches(() => removeSessions(ctx, endedBefore))
  const tokens = await removeInBatches(() => removeTokens(ctx, usedBefore))
  return { removed: sessions + tokens }
}

/** Removes tickets for sockets that nobody used in time. */
export async function removeExpiredTickets(ctx: Context<SystemActor>): Promise<{ removed: number }> {
  const { numDeletedRows } = await ctx.db
    .deleteFrom('socketTickets')
    .where('expiresAt', '<', ctx.now())
    .executeTakeFirstOrThrow()
  return { removed: Number(numDeletedRows) }
}

async function removeSessions(ctx: Context<SystemActor>, before: string): Promise<bigint> {
  const { numDeletedRows } = await ctx.db
    .deleteFrom('sessions')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('sessions')
        .select('id')
        .where((eb) => eb.or([eb('expiresAt', '<', before), eb('revokedAt', '<', before)]))
        .limit(REMOVE_BATCH_ROWS),
    )
    .executeTakeFirstOrThrow()
  return numDeletedRows
}

async function removeTokens(ctx: Context<SystemActor>, before: string): Promise<bigint> {
  const { numDeletedRows } = await ctx.db
    .deleteFrom('refreshTokens')
    .where('tokenHash', 'in', (eb) =>
      eb.selectFrom('refreshTokens').select('tokenHash').where('usedAt', '<', before).limit(REMOVE_BATCH_ROWS),
    )
    .executeTakeFirstOrThrow()
  return numDeletedRows
}

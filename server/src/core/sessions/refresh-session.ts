import { addMs } from '../../platform/clock.ts'
import type { AnonymousActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { findUser } from '../users/queries.ts'
import { endSessions } from './end-sessions.ts'
import { issueTokens } from './open-session.ts'
import { hashToken } from './random-token.ts'
import { SESSION_LIFE_MS, type SignedIn } from './schema.ts'

/**
 * Gives new tokens for a refresh token, which works once. One that comes a second time was stolen, or its thief's came
 * first: then the whole session ends, which is announced to the person, although the call is refused.
 */
export async function refreshSession(
  ctx: Context<AnonymousActor>,
  { refreshToken }: { refreshToken: string },
): Promise<SignedIn> {
  return ctx.transaction(async (ctx) => {
    const hash = hashToken(refreshToken)
    const sessionId = await useToken(ctx, hash)
    if (sessionId === undefined) {
      await endSessionOf(ctx, hash)
      throw new AppError('invalid_refresh_token', { keepsChanges: true })
    }
    const userId = await extendSession(ctx, sessionId)
    const user = userId && (await findUser(ctx.db, userId))
    if (!user) throw new AppError('invalid_refresh_token')
    return issueTokens(ctx, { user, sessionId })
  })
}

/** Of two at once the second waits here, and then finds the token used. */
async function useToken(ctx: Context, tokenHash: Buffer): Promise<string | undefined> {
  const used = await ctx.db
    .updateTable('refreshTokens')
    .set({ usedAt: ctx.now() })
    .where('tokenHash', '=', tokenHash)
    .where('usedAt', 'is', null)
    .returning('sessionId')
    .executeTakeFirst()
  return used?.sessionId
}

async function endSessionOf(ctx: Context, tokenHash: Buffer): Promise<void> {
  const session = await ctx.db
    .selectFrom('refreshTokens as t')
    .innerJoin('sessions as s', 's.id', 't.sessionId')
    .select(['s.id', 's.userId'])
    .where('t.tokenHash', '=', tokenHash)
    .executeTakeFirst()
  if (session === undefined) return
  await lockStream(ctx.db, session.userId)
  await endSessions(ctx, { userId: session.userId, only: session.id })
}

/** Undefined where the session has ended. */
async function extendSession(ctx: Context, sessionId: string): Promise<string | undefined> {
  const now = ctx.now()
  const session = await ctx.db
    .updateTable('sessions')
    .set({ lastUsedAt: now, expiresAt: addMs(now, SESSION_LIFE_MS) })
    .where('id', '=', sessionId)
    .where('revokedAt', 'is', null)
    .where('expiresAt', '>', now)
    .returning('userId')
    .executeTakeFirst()
  return session?.userId
}

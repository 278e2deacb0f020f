import { addMs } from '../../platform/clock.ts'
import type { AnonymousActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { User } from '../users/schema.ts'
import { createRandomToken } from './random-token.ts'
import { ACCESS_TOKEN_LIFE_MS, type Client, SESSION_LIFE_MS, type SignedIn } from './schema.ts'

const USER_AGENT_CHARACTERS_MAX = 500

/** Begins a session for somebody who has shown who they are. Inside the caller's transaction. */
export async function openSession(ctx: Context<AnonymousActor>, user: User, client: Client): Promise<SignedIn> {
  const id = ctx.newId()
  const now = ctx.now()
  await ctx.db
    .insertInto('sessions')
    .values({
      id,
      userId: user.id,
      userAgent: client.userAgent?.replaceAll('\0', '').slice(0, USER_AGENT_CHARACTERS_MAX).toWellFormed() ?? null,
      address: ctx.actor.address,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: addMs(now, SESSION_LIFE_MS),
    })
    .execute()
  return issueTokens(ctx, { user, sessionId: id })
}

/** Gives a session its next pair of tokens. */
export async function issueTokens(
  ctx: Context<AnonymousActor>,
  { user, sessionId }: { user: User; sessionId: string },
): Promise<SignedIn> {
  const now = ctx.now()
  const { token: refreshToken, hash } = createRandomToken()
  await ctx.db.insertInto('refreshTokens').values({ tokenHash: hash, sessionId, createdAt: now }).execute()
  const expiresAt = addMs(now, ACCESS_TOKEN_LIFE_MS)
  const accessToken = ctx.ports.tokens.sign({
    id: ctx.newId(),
    userId: user.id,
    sessionId,
    issuedAt: now,
    expiresAt,
  })
  return { user, sessionId, accessToken, accessTokenExpiresAt: expiresAt, refreshToken }
}

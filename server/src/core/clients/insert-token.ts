import type { Timestamp } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import { createClientToken } from './keys.ts'
import { TOKEN_COLUMNS } from './queries.ts'
import type { IssuedToken } from './schema.ts'

type NewToken = { clientId: string; isLive: boolean; expiresAt: Timestamp | null }

/** Makes a token; its hash is kept, and the token itself is only in what this gives back. */
export async function insertToken(ctx: Context, { clientId, isLive, expiresAt }: NewToken): Promise<IssuedToken> {
  const { token, hash, hint } = createClientToken(isLive)
  const row = await ctx.db
    .insertInto('clientTokens')
    .values({ id: ctx.newId(), clientId, isLive, tokenHash: hash, hint, createdAt: ctx.now(), expiresAt })
    .returning(TOKEN_COLUMNS)
    .executeTakeFirstOrThrow()
  return { ...row, token }
}

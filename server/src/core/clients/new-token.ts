import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import { invalidField } from '../errors.ts'
import { createRandomToken, hashToken } from '../sessions/random-token.ts'
import { TOKEN_COLUMNS } from './queries.ts'
import type { NewToken } from './schema.ts'

const HINT_CHARACTERS = 4

/** Makes a token and keeps its hash. */
export async function insertToken(
  ctx: Context,
  { clientId, isLive, expiresAt }: { clientId: string; isLive: boolean; expiresAt: Timestamp | null },
): Promise<NewToken> {
  if (expiresAt !== null && expiresAt <= ctx.now()) throw invalidField('expires_at', 'must be in the future')
  const token = `${isLive ? 'sk_live_' : 'sk_test_'}${createRandomToken().token}`
  const kept = await ctx.db
    .insertInto('clientTokens')
    .values({
      id: ctx.newId(),
      clientId,
      isLive,
      tokenHash: hashToken(token),
      hint: token.slice(-HINT_CHARACTERS),
      createdAt: ctx.now(),
      expiresAt,
    })
    .returning(TOKEN_COLUMNS)
    .executeTakeFirstOrThrow()
  return { ...kept, token }
}

/** Lets the living tokens of a client end after a while, where they would not before. */
export async function endTokens(
  ctx: Context,
  { clientId, isLive, afterMs }: { clientId: string; isLive: boolean; afterMs: number },
): Promise<void> {
  const now = ctx.now()
  const end = addMs(now, afterMs)
  await ctx.db
    .updateTable('clientTokens')
    .set(afterMs === 0 ? { revokedAt: now } : { expiresAt: end })
    .where('clientId', '=', clientId)
    .where('isLive', '=', isLive)
    .where('revokedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', end)]))
    .execute()
}

import { sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'

/** How long a key is remembered, in milliseconds. */
export const KEYS_KEPT_MS = 24 * 60 * 60 * 1000

const RETRY_AFTER_MS = 1_000

export type Reply = { status: number; body: string | null }

export type KeyedRequest = {
  /** Whose key it is: keys of different callers never meet. */
  scopeId: string
  key: string
  /** SHA-256 of all that makes the request this one and no other. */
  fingerprint: Buffer
}

/**
 * Runs a request at most once for its key. What it changes and its reply commit together, so that a repeat, also after
 * a crash, gets the first reply; a request that fails leaves nothing, and the key can be used again. A second one that
 * comes while the first still runs is refused rather than kept waiting.
 */
export async function runOnce<A extends Actor>(
  ctx: Context<A>,
  request: KeyedRequest,
  run: (ctx: Context<A>) => Promise<Reply>,
): Promise<{ reply: Reply; isReplay: boolean }> {
  return ctx.transaction(async (ctx) => {
    await takeKey(ctx, request)
    const kept = await findReply(ctx, request)
    if (kept !== undefined) return { reply: kept, isReplay: true }
    const reply = await run(ctx)
    await keepReply(ctx, request, reply)
    return { reply, isReplay: false }
  })
}

/** Held until the transaction ends: whoever takes it next sees what was kept. */
async function takeKey(ctx: Context, request: KeyedRequest): Promise<void> {
  const { rows } = await sql<{ isTaken: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${labelOf(request)}, 0)) as is_taken`.execute(ctx.db)
  if (!rows[0]!.isTaken) throw new AppError('idempotency_key_in_use', { retryAfterMs: RETRY_AFTER_MS })
}

async function findReply(ctx: Context, request: KeyedRequest): Promise<Reply | undefined> {
  const { scopeId, key, fingerprint } = request
  const kept = await ctx.db
    .selectFrom('idempotencyKeys')
    .select(['fingerprint', 'status', 'body'])
    .where('scopeId', '=', scopeId)
    .where('key', '=', key)
    .where('createdAt', '>', addMs(ctx.now(), -KEYS_KEPT_MS))
    .executeTakeFirst()
  if (kept === undefined) return undefined
  const text = kept.fingerprint.equals(fingerprint) ? ctx.ports.sealer.open(kept.body, labelOf(request)) : undefined
  // A reply that was sealed with an earlier secret of the server cannot be given again either.
  if (text === undefined) throw new AppError('idempotency_key_reused')
  return { status: kept.status, body: text === '' ? null : text }
}

async function keepReply(ctx: Context, request: KeyedRequest, { status, body }: Reply): Promise<void> {
  const { scopeId, key, fingerprint } = request
  const row = { fingerprint, status, body: ctx.ports.sealer.seal(body ?? '', labelOf(request)), createdAt: ctx.now() }
  await ctx.db
    .insertInto('idempotencyKeys')
    .values({ scopeId, key, ...row })
    // One that has expired and was not removed yet.
    .onConflict((conflict) => conflict.columns(['scopeId', 'key']).doUpdateSet(row))
    .execute()
}

function labelOf({ scopeId, key }: KeyedRequest): string {
  return `idempotency ${scopeId} ${key}`
}

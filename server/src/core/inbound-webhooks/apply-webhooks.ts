import { isConnectionError, isRetryable } from '../../platform/database/errors.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Claim } from './claim-inbound-webhooks.ts'
import { describeFailure } from './describe-failure.ts'
import type { Applier, Outcome } from './schema.ts'

/** How it went with one webhook. */
export type Attempt =
  /** `untried` where there was no time left, `unknown` where nobody applies its kind. */
  { claim: Claim; outcome: Outcome | 'untried' | 'unknown' } | { claim: Claim; error: unknown }

export type ApplyWebhooks = {
  applier: Applier
  claims: readonly Claim[]
  /** For each call of the applier, in milliseconds. */
  timeoutMs: number
  /** Whether there is still time to begin with this one. */
  mayBegin(claim: Claim): boolean
}

/** Applies webhooks of one kind: together where there are several, and one by one where that fails. Never throws. */
export async function applyWebhooks(
  ctx: Context<SystemActor>,
  { applier, claims, timeoutMs, mayBegin }: ApplyWebhooks,
): Promise<Attempt[]> {
  const apply = (some: readonly Claim[]) => within(timeoutMs, () => applySome(ctx, applier, some))
  if (claims.length > 1 && claims.every(mayBegin)) {
    try {
      const outcomes = await apply(claims)
      return claims.map((claim, i) => ({ claim, outcome: outcomes[i]! }))
    } catch (error) {
      // The database would fail each of them too; and after a time-out the batch may still be at work.
      if (isTransient(error) || error instanceof ApplyTimeout) return claims.map((claim) => ({ claim, error }))
      ctx.log.info(
        { kind: claims[0]!.kind, count: claims.length, error: describeFailure(error) },
        'webhooks could not be applied together',
      )
    }
  }
  const attempts: Attempt[] = []
  for (const claim of claims) {
    if (!mayBegin(claim)) attempts.push({ claim, outcome: 'untried' })
    else attempts.push(await settle(claim, () => apply([claim])))
  }
  return attempts
}

async function applySome(ctx: Context<SystemActor>, applier: Applier, claims: readonly Claim[]): Promise<Outcome[]> {
  const outcomes =
    typeof applier === 'function' ? [await applier(ctx, claims[0]!)] : await applier.applyMany(ctx, claims)
  // Anything else could not be written down.
  const isRight = outcomes.length === claims.length && outcomes.every((one) => one === 'applied' || one === 'ignored')
  if (!isRight) throw new Error('The applier did not say what became of each webhook.')
  return outcomes
}

async function settle(claim: Claim, work: () => Promise<Outcome[]>): Promise<Attempt> {
  try {
    const [outcome] = await work()
    return { claim, outcome: outcome! }
  } catch (error) {
    return { claim, error }
  }
}

class ApplyTimeout extends Error {
  override readonly name = 'ApplyTimeout'
}

/** What takes longer goes on unheard: its slot is free again. */
async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new ApplyTimeout(`It took longer than ${timeoutMs} ms.`)), timeoutMs)
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}

function isTransient(error: unknown): boolean {
  return isConnectionError(error) || isRetryable(error) || (error instanceof AppError && error.kind === 'unavailable')
}

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'

/** What is limited, and by whom it is counted. */
export type LimitName =
  /** By address. */
  | 'registers'
  /** By account. */
  | 'signInFailures'
  | 'signInFailuresPerAddress'
  /** By person. */
  | 'sends'
  /** By person, or by address where nobody has signed in. */
  | 'requests'
  /** By the workspace of an API client, so that live and test calls are counted apart. */
  | 'clientReads'
  | 'clientWrites'
  /** By address. */
  | 'clientAuthFailures'

/** So many within so long, counted from the first one. */
export type RateLimit = { points: number; durationS: number }

export type LimitState = {
  limit: number
  remaining: number
  /** Until all is forgotten. */
  resetS: number
}

/** Counts who does how much, in this node's memory. */
export class RateLimits {
  readonly #limiters: Record<LimitName, RateLimiterMemory>

  constructor(limits: Record<LimitName, RateLimit>) {
    const limiter = ({ points, durationS }: RateLimit) => new RateLimiterMemory({ points, duration: durationS })
    this.#limiters = {
      registers: limiter(limits.registers),
      signInFailures: limiter(limits.signInFailures),
      signInFailuresPerAddress: limiter(limits.signInFailuresPerAddress),
      sends: limiter(limits.sends),
      requests: limiter(limits.requests),
      clientReads: limiter(limits.clientReads),
      clientWrites: limiter(limits.clientWrites),
      clientAuthFailures: limiter(limits.clientAuthFailures),
    }
  }

  /** Counts one; throws `rate_limited` where it is one too many. */
  async consume(name: LimitName, key: string): Promise<LimitState> {
    const limiter = this.#limiters[name]
    try {
      return stateOf(limiter, await limiter.consume(key))
    } catch (result) {
      if (result instanceof RateLimiterRes) throw refusal(result)
      throw result
    }
  }

  /** Counts one, however many there were. */
  async count(name: LimitName, key: string): Promise<void> {
    await this.#limiters[name].penalty(key)
  }

  /** Counts nothing; throws `rate_limited` where one more would be too many. */
  async requireRoom(name: LimitName, key: string): Promise<void> {
    const result = await this.#limiters[name].get(key)
    if (result !== null && result.msBeforeNext > 0 && result.remainingPoints <= 0) throw refusal(result)
  }

  /** How many are allowed in one window. */
  limitOf(name: LimitName): number {
    return this.#limiters[name].points
  }

  async clear(name: LimitName, key: string): Promise<void> {
    await this.#limiters[name].delete(key)
  }
}

function stateOf({ points }: RateLimiterMemory, { remainingPoints, msBeforeNext }: RateLimiterRes): LimitState {
  return { limit: points, remaining: remainingPoints, resetS: Math.ceil(msBeforeNext / 1_000) }
}

function refusal({ msBeforeNext }: RateLimiterRes): AppError {
  return new AppError('rate_limited', { retryAfterMs: msBeforeNext })
}

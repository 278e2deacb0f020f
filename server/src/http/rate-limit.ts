import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Core } from '../core/context.ts'
import { AppError } from '../core/errors.ts'
import { addressKey } from '../core/limits/address-key.ts'
import type { LimitName, LimitState } from '../core/limits/rate-limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a person's request of the route counts against; `requests` unless said. */
    limit?: Extract<LimitName, 'requests' | 'sends'>
  }
}

/** What a request counts against, and whose it is. */
export type Counting = {
  limitOf(req: FastifyRequest): LimitName
  keyOf(req: FastifyRequest): string
}

/** By the person who is signed in, or by address where nobody is. */
export const BY_PERSON: Counting = {
  limitOf: ({ routeOptions }) => routeOptions.config.limit ?? 'requests',
  keyOf: ({ ctx, ip }) => (ctx ? ctx.actor.id : addressKey(ip)),
}

/** Counts the requests of the routes that are added to `app` after it, and refuses what is too much. */
export function addRateLimits(app: FastifyInstance, { ports: { limits } }: Core, { limitOf, keyOf }: Counting): void {
  app.addHook('onRequest', async (req, reply) => {
    if (req.is404) return
    const name = limitOf(req)
    try {
      show(reply, await limits.consume(name, keyOf(req)))
    } catch (error) {
      if (error instanceof AppError && error.code === 'rate_limited') {
        show(reply, { limit: limits.limitOf(name), remaining: 0, resetS: Math.ceil((error.retryAfterMs ?? 0) / 1_000) })
      }
      throw error
    }
  })
}

function show(reply: FastifyReply, { limit, remaining, resetS }: LimitState): void {
  reply
    .header('x-ratelimit-limit', limit)
    .header('x-ratelimit-remaining', remaining)
    .header('x-ratelimit-reset', resetS)
}

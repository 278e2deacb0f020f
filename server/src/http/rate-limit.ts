import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Core } from '../core/context.ts'
import { AppError } from '../core/errors.ts'
import { addressKey } from '../core/limits/address-key.ts'
import type { LimitName, LimitState } from '../core/limits/rate-limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request of the route counts against; `requests` unless said. */
    limit?: Extract<LimitName, 'requests' | 'sends'>
  }
}

/** What a request counts against, and whose it is. */
type Counted = { name: LimitName; key: string }

/**
 * Counts the requests of the routes that are added to `app` after it, and refuses what is too much: by person, unless
 * `countedAs` says otherwise.
 */
export function addRateLimits(
  app: FastifyInstance,
  { ports: { limits } }: Core,
  countedAs: (req: FastifyRequest) => Counted = byPerson,
): void {
  app.addHook('onRequest', async (req, reply) => {
    if (req.is404) return
    const { name, key } = countedAs(req)
    try {
      show(reply, await limits.consume(name, key))
    } catch (error) {
      if (error instanceof AppError && error.code === 'rate_limited') {
        show(reply, { limit: limits.limitOf(name), remaining: 0, resetS: Math.ceil((error.retryAfterMs ?? 0) / 1_000) })
      }
      throw error
    }
  })
}

function byPerson({ ctx, ip, routeOptions }: FastifyRequest): Counted {
  return { name: routeOptions.config.limit ?? 'requests', key: ctx ? ctx.actor.id : addressKey(ip) }
}

function show(reply: FastifyReply, { limit, remaining, resetS }: LimitState): void {
  reply
    .header('x-ratelimit-limit', limit)
    .header('x-ratelimit-remaining', remaining)
    .header('x-ratelimit-reset', resetS)
}

import type { FastifyInstance } from 'fastify'
import type { Core } from '../../core/context.ts'
import { addIdempotency } from '../../http/idempotency.ts'
import { addRateLimits, BY_PERSON } from '../../http/rate-limit.ts'
import { type Authenticate, addRequestContext } from '../../http/request-context.ts'
import type { InboxApp } from './app.ts'

/**
 * The routes that are added to `app` after it are for people who are signed in, with the same tokens as everywhere. They
 * are counted by person, and their POSTs are done once for each Idempotency-Key.
 */
export function addSignIn(app: InboxApp, core: Core, authenticate: Authenticate): void {
  const plain = app as unknown as FastifyInstance
  addRequestContext(app as unknown as FastifyInstance, core, authenticate)
  addRateLimits(plain, core, BY_PERSON)
  addIdempotency(plain, core)
}

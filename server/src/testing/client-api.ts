import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { loadConfig } from '../config.ts'
import type { CreatedClient } from '../core/clients/create-client.ts'
import { addClientContext, BY_CLIENT } from '../dialects/customer-messaging/auth.ts'
import { createErrorHandler } from '../dialects/customer-messaging/errors.ts'
import { addMonitoring } from '../dialects/customer-messaging/monitoring.ts'
import { CLIENT_PATHS } from '../dialects/customer-messaging/paths.ts'
import { addMetrics } from '../http/metrics.ts'
import { addRateLimits } from '../http/rate-limit.ts'
import { createHttpServer, type HttpApp } from '../http/server.ts'
import type { Logger } from '../platform/log.ts'
import type { Runtime } from '../runtime.ts'

/**
 * What stands before every route of the customer-messaging dialect, with small routes behind it: GET and POST
 * `/api/v1/customers`, GET `/api/v1/customers/:id` that fails, GET `/api/v1/tokens` that is public.
 */
export async function testClientApi(
  t: TestContext,
  { core }: Runtime,
  { env = {}, log = core.log }: { env?: Record<string, string>; log?: Logger } = {},
): Promise<HttpApp> {
  const app = await createHttpServer(loadConfig(env, 'start'), CLIENT_PATHS)
  const metrics = addMetrics(app).clients
  await app.register(async (scope: HttpApp) => {
    const plain = scope as unknown as FastifyInstance
    scope.setErrorHandler(createErrorHandler(log))
    addMonitoring(plain, { ...core, log }, metrics)
    addClientContext(plain, core)
    addRateLimits(plain, core, BY_CLIENT)
    scope.get('/api/v1/customers', async ({ clientCtx }) => clientCtx.actor)
    scope.post('/api/v1/customers', { schema: { body: NewCustomer } }, async ({ clientCtx }) => clientCtx.actor)
    scope.get('/api/v1/customers/:id', async () => {
      throw new Error('a fault of ours')
    })
    scope.get('/api/v1/tokens', { config: { isPublic: true } }, async ({ clientCtx }) => ({
      isKnown: Boolean(clientCtx),
    }))
  })
  await app.ready()
  t.after(() => app.close())
  return app
}

const NewCustomer = Type.Object({
  email: Type.String({ format: 'email' }),
  name: Type.String({ maxLength: 5 }),
  customer_uuids: Type.Optional(Type.Array(Type.String({ format: 'uuid' }))),
})

/** The headers with which a client's server calls. */
export function clientHeaders({ client, live, test }: CreatedClient, mode: 'live' | 'test' = 'live') {
  return mode === 'live'
    ? { authorization: `Bearer ${live.token}`, 'x-public-key': client.livePublicKey }
    : { authorization: `Bearer ${test.token}`, 'x-public-key': client.testPublicKey }
}

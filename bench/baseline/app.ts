import Fastify, { type FastifyInstance } from 'fastify'
import { type Baseline, registerAccountRoutes } from './accounts.ts'
import { registerMessageRoutes } from './messages.ts'
import { Subscribers } from './subscribers.ts'
import { registerWorkspaceRoutes } from './workspaces.ts'

/** The program that Parlance is measured against: ordinary Fastify, `ws` and `pg`, with the routes that the bench uses. */
export async function buildBaseline(baseline: Baseline): Promise<FastifyInstance> {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  app.decorateRequest('userId', '')
  const authenticate = registerAccountRoutes(app, baseline)
  const subscribers = new Subscribers(app.server, { pool: baseline.pool, authenticate })
  await app.register(async (app) => {
    app.addHook('onRequest', async (req) => {
      req.userId = authenticate(req.headers.authorization)
    })
    registerWorkspaceRoutes(app, baseline.pool)
    registerMessageRoutes(app, baseline.pool, subscribers)
  })
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.addHook('preClose', async () => subscribers.close())
  return app
}

declare module 'fastify' {
  interface FastifyRequest {
    userId: string
  }
}

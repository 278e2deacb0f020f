import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { loadConfig } from '../config.ts'
import { inbox } from '../dialects/inbox/index.ts'
import { watchRoutes } from '../http/allowed-methods.ts'
import { createHttpServer, type HttpApp } from '../http/server.ts'
import { authenticateCast } from './authenticate-cast.ts'
import type { TestWorld } from './world.ts'

/** The inbox on a test world, not listening. The name of somebody of the cast is an access token of theirs. */
export async function testInbox(t: TestContext, world: TestWorld): Promise<HttpApp> {
  const app = await createHttpServer(loadConfig({}, 'start'))
  const routes = watchRoutes(app as unknown as FastifyInstance)
  const { core } = world.runtime
  await app.register(inbox, { core, routes, authenticate: authenticateCast(world), doors: undefined })
  await app.ready()
  t.after(() => app.close())
  return app
}

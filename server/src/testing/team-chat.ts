import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { loadConfig } from '../config.ts'
import { teamChat } from '../dialects/team-chat/index.ts'
import { watchRoutes } from '../http/allowed-methods.ts'
import { PageCache } from '../http/page-cache.ts'
import { createHttpServer, type HttpApp } from '../http/server.ts'
import { authenticateCast } from './authenticate-cast.ts'
import type { TestWorld } from './world.ts'

/** Team-chat on a test world, not listening. The name of somebody of the cast is an access token of theirs. */
export async function testTeamChat(
  t: TestContext,
  world: TestWorld,
  addMore: (app: HttpApp) => void = () => {},
): Promise<HttpApp> {
  const app = await createHttpServer(loadConfig({}, 'start'))
  const pages = new PageCache({ bytesMax: 1_000_000, ageMaxMs: 60_000 })
  world.runtime.addCache(pages)
  const routes = watchRoutes(app as unknown as FastifyInstance)
  await app.register(async (dialect: HttpApp) => {
    await teamChat(dialect, {
      core: world.runtime.core,
      routes,
      pages,
      authenticate: authenticateCast(world),
    })
    addMore(dialect)
  })
  await app.ready()
  t.after(() => app.close())
  return app
}

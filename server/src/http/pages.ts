import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { HttpApp } from './server.ts'

/** The reference of all dialects at `/docs`. */
export async function addReferencePage(app: HttpApp, dialects: string[]): Promise<void> {
  const urls = dialects.map((dialect) => ({ name: dialect, url: `/openapi/${dialect}.json` }))
  await app.register(async (scope) => {
    // The page asks for a description in its own scope, though it shows those of the dialects.
    await scope.register(swagger, { openapi: { openapi: '3.1.0', info: { title: 'Parlance', version: '1' } } })
    const uiConfig = { urls, deepLinking: true } as Record<string, unknown>
    await scope.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig })
  })
}

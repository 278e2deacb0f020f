import swaggerUi from '@fastify/swagger-ui'
import type { HttpApp } from './server.ts'

/** The reference of all dialects at `/docs`. */
export async function addReferencePage(app: HttpApp, dialects: string[]): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: {
      urls: dialects.map((dialect) => ({ name: dialect, url: `/openapi/${dialect}.json` })),
      deepLinking: true,
    },
  } as Parameters<typeof swaggerUi>[1])
}

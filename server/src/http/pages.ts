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
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      // A server on a plain HTTP address in one's own network has a reference page too.
      transformStaticCSP: (policy) => policy.replace('upgrade-insecure-requests;', ''),
      logo: { type: 'image/svg+xml', content: Buffer.from(LOGO), href: '/docs' },
      theme: { title: 'Parlance API' },
      uiConfig,
    })
  })
}

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="150" height="40" viewBox="0 0 150 40">
  <path d="M4 8h22a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H14l-7 6v-6H4z" fill="#7cc4ff"/>
  <text x="38" y="27" font-family="sans-serif" font-size="19" font-weight="600" fill="#fff">Parlance</text>
</svg>`

import swagger from '@fastify/swagger'
import type { HttpApp } from './server.ts'

type ApiDescription = { dialect: string; title: string; description: string }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Leave the route out of the description. */
    isHidden?: boolean
  }
}

/** Describes the routes that are added to `app` after it, as OpenAPI 3.1 at `/openapi/<dialect>.json`. */
export async function addApiDescription(app: HttpApp, { dialect, title, description }: ApiDescription): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version: '1' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      security: [{ bearer: [] }],
    },
    hideUntagged: false,
    transform: ({ schema, url, route }) => ({
      schema: {
        ...schema,
        ...(route.config?.isHidden && { hide: true }),
        ...(route.config?.isPublic && { security: [] }),
      },
      url,
    }),
  })
  let text: string | undefined
  app.get(`/openapi/${dialect}.json`, { config: { isPublic: true, isHidden: true } }, async (_req, reply) => {
    text ??= JSON.stringify(app.swagger())
    return reply.type('application/json').send(text)
  })
}

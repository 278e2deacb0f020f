import swagger from '@fastify/swagger'
import type { TSchema } from 'typebox'
import type { HttpApp } from './server.ts'

type ApiDescription = {
  dialect: string
  title: string
  description: string
  /** The shape of every answer that is a failure. */
  failure: TSchema
  /** The ways to sign in, all of which a request needs; an access token unless said. */
  security?: Record<string, SecurityScheme>
}

type SecurityScheme =
  | { type: 'http'; scheme: 'bearer'; bearerFormat?: string }
  | { type: 'apiKey'; in: 'header'; name: string }

const ACCESS_TOKEN: Record<string, SecurityScheme> = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Leave the route out of the description. */
    isHidden?: boolean
  }
}

/** Describes the routes that are added to `app` after it, as OpenAPI 3.1 at `/openapi/<dialect>.json`. */
export async function addApiDescription(app: HttpApp, about: ApiDescription): Promise<void> {
  const { dialect, title, description, failure, security = ACCESS_TOKEN } = about
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version: '1' },
      components: { securitySchemes: security },
      security: [Object.fromEntries(Object.keys(security).map((name) => [name, []]))],
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
    text ??= JSON.stringify(complete(app.swagger() as unknown as OpenApi, failure))
    return reply.type('application/json').send(text)
  })
}

type Operation = {
  operationId?: string
  requestBody?: { required?: boolean; content?: Record<string, { schema?: { type?: unknown } }> }
  responses: Record<string, unknown>
}
type OpenApi = { paths: Record<string, Record<string, Operation>> }

/** What the plugin cannot know: failures, bodies that may be left out, and a name of its own for each operation. */
function complete(api: OpenApi, failure: TSchema): OpenApi {
  const content = { 'application/json': { schema: failure } }
  const names = new Set<string>()
  for (const operations of Object.values(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      operation.responses.default = { description: 'A failure; its `code` says which.', content }
      const { requestBody, operationId } = operation
      if (requestBody !== undefined && mayBeNull(requestBody)) requestBody.required = false
      if (operationId === undefined) continue
      // A route with several methods has one name.
      if (names.has(operationId))
        operation.operationId = `${operationId}By${method[0]!.toUpperCase()}${method.slice(1)}`
      names.add(operation.operationId!)
    }
  }
  return api
}

function mayBeNull({ content }: NonNullable<Operation['requestBody']>): boolean {
  const type = content?.['application/json']?.schema?.type
  return Array.isArray(type) && type.includes('null')
}

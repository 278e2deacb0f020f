import { call } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'

export type Route = {
  method: string
  /** As in the description, `/channels/{channel_id}`. */
  path: string
  name: string
  isPublic: boolean
  parameters: { path: string[]; query: string[]; body: string[] }
}

type Schema = { properties?: Record<string, unknown>; anyOf?: Schema[] }
type Operation = {
  security?: unknown[]
  parameters?: { in: 'path' | 'query'; name: string }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}
type Description = { paths: Record<string, Record<string, Operation>> }

/** All routes that /openapi/team-chat.json describes, and their other spellings, which it leaves out. */
export async function listRoutes(url: string): Promise<Route[]> {
  const { paths }: Description = await ok(200, call(url, 'GET', '/openapi/team-chat.json'))
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => readRoute(method.toUpperCase(), path, operation)),
  )
  const routes = new Map(described.flatMap((route) => [route, ...spellings(route)]).map((route) => [route.name, route]))
  return [...routes.values()]
}

function readRoute(method: string, path: string, { security, parameters = [], requestBody }: Operation): Route {
  const named = (place: string) => parameters.filter((one) => one.in === place).map(({ name }) => name)
  const body = requestBody?.content['application/json']?.schema ?? {}
  return {
    ...{ method, path, name: `${method} ${path}`, isPublic: security?.length === 0 },
    parameters: { path: named('path'), query: named('query'), body: propertiesOf(body) },
  }
}

function propertiesOf({ properties = {}, anyOf = [] }: Schema): string[] {
  return [...Object.keys(properties), ...anyOf.flatMap(propertiesOf)]
}

const ALIASES: Record<string, string> = { '/ws/tickets': '/v1/ws/tickets', '/users': '/users/search' }

function spellings(route: Route): Route[] {
  const { method, path } = route
  const as = (method: string, path: string) => ({ ...route, method, path, name: `${method} ${path}` })
  return [
    ...(method === 'PUT' && /^\/(users\/me$|workspaces|channels\/\{\w+\}$)/.test(path) ? [as('PATCH', path)] : []),
    ...(path.includes('/reactions') ? [as(method, path.replace('/messages/', '/message/'))] : []),
    ...(ALIASES[path] ? [as(method, ALIASES[path])] : []),
  ]
}

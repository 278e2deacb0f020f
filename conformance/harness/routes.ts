import { call } from './client.ts'
import { ok } from './expect.ts'

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

/** All routes that the description of a dialect names. */
export async function listDescribedRoutes(url: string, dialect: string): Promise<Route[]> {
  const { paths }: Description = await ok(200, call(url, 'GET', `/openapi/${dialect}.json`))
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => readRoute(method.toUpperCase(), path, operation)),
  )
}

/** The same route by another method or path. */
export function spelled(route: Route, method: string, path: string): Route {
  return { ...route, method, path, name: `${method} ${path}` }
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

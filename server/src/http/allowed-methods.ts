import type { FastifyInstance } from 'fastify'
import FindMyWay, { type HTTPMethod } from 'find-my-way'
import { HttpError } from './http-error.ts'

const METHODS: HTTPMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

export type RouteWatch = { explainMiss(url: string): HttpError }

/** Remembers the routes that are added after it, and says why a request has found none of them. */
export function watchRoutes(app: FastifyInstance): RouteWatch {
  const router = FindMyWay({ ignoreTrailingSlash: true, ignoreDuplicateSlashes: true })
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat() as HTTPMethod[]) {
      if (METHODS.includes(one) && !router.hasRoute(one, url)) router.on(one, url, () => {})
    }
  })
  return {
    explainMiss(url) {
      const path = url.split('?', 1)[0]!
      const allowed = METHODS.filter((method) => router.find(method, path) !== null)
      if (allowed.length === 0) return new HttpError('route_not_found')
      return new HttpError('method_not_allowed', { allow: allowed.join(', ') })
    },
  }
}

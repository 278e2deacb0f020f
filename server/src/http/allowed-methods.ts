import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import FindMyWay, { type HTTPMethod } from 'find-my-way'
import { HttpError } from './http-error.ts'

const METHODS: HTTPMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

type HandleError = (error: unknown, req: FastifyRequest, reply: FastifyReply) => unknown

export type RouteWatch = {
  /** Beneath these paths, `handleError` answers what finds no route; an empty path claims what nobody else does. */
  claim(prefixes: string[], handleError: HandleError): void
}

/** Remembers the routes that are added after it, and says why a request has found none of them. */
export function watchRoutes(app: FastifyInstance): RouteWatch {
  const router = FindMyWay({ ignoreTrailingSlash: true, ignoreDuplicateSlashes: true })
  const claims: { prefix: string; handleError: HandleError }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat() as HTTPMethod[]) {
      if (METHODS.includes(one) && !router.hasRoute(one, url)) router.on(one, url, () => {})
    }
  })
  const refuse = (error: unknown, req: FastifyRequest, reply: FastifyReply) => {
    const path = pathOf(req)
    const claim = claims.find(({ prefix }) => prefix === '' || path === prefix || path.startsWith(`${prefix}/`))
    if (claim === undefined) throw error
    return claim.handleError(error, req, reply)
  }
  app.setNotFoundHandler((req, reply) => refuse(explainMiss(router, pathOf(req)), req, reply))
  // Where there is no route, a body that cannot be read is not what is wrong.
  app.setErrorHandler((error, req, reply) => {
    return refuse(req.is404 ? explainMiss(router, pathOf(req)) : error, req, reply)
  })
  return {
    claim(prefixes, handleError) {
      claims.push(...prefixes.map((prefix) => ({ prefix, handleError })))
      // The longest first, the empty one last.
      claims.sort((a, b) => b.prefix.length - a.prefix.length)
    },
  }
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0]!.replaceAll(/\/{2,}/g, '/')
}

function explainMiss(router: FindMyWay.Instance<FindMyWay.HTTPVersion.V1>, path: string): HttpError {
  const allowed = METHODS.filter((method) => router.find(method, path) !== null)
  if (allowed.length === 0) return new HttpError('route_not_found')
  return new HttpError('method_not_allowed', { allow: allowed.join(', ') })
}

import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Actor, AnonymousActor, ClientActor, UserActor } from '../core/actor.ts'
import { type Context, type Core, createContext } from '../core/context.ts'
import { AppError } from '../core/errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the route's operation works with; the caller is signed in unless the route is public. */
    ctx: Context<UserActor>
    /** The same on a public route, where nobody is signed in. */
    publicCtx: Context<AnonymousActor>
    /** The same where an API client's server asks. */
    clientCtx: Context<ClientActor>
  }
  interface FastifyContextConfig {
    /** May be called without signing in. */
    isPublic?: boolean
  }
}

/** Finds who an access token stands for; throws `invalid_access_token` or `expired_access_token`. */
export type Authenticate = (token: string, address: string | null) => Promise<UserActor>

/** Gives every request of a dialect its context, and refuses strangers before anything is looked at. */
export function addRequestContext(app: FastifyInstance, core: Core, authenticate: Authenticate): void {
  app.decorateRequest('ctx')
  app.decorateRequest('publicCtx')
  app.addHook('onRequest', async (req) => {
    if (req.is404) return
    if (req.routeOptions.config.isPublic) {
      req.publicCtx = createContext(core, { kind: 'anonymous', id: null, address: readAddress(req) })
      return
    }
    req.ctx = createContext(core, await authenticate(requireBearer(req), readAddress(req)))
  })
}

/** Whoever asks. */
export function contextOf(req: FastifyRequest): Context<Actor> {
  return req.ctx ?? req.clientCtx ?? req.publicCtx
}

/** Takes the place of the context that the request has. */
export function setContext(req: FastifyRequest, ctx: Context): void {
  const name = req.ctx ? 'ctx' : req.clientCtx ? 'clientCtx' : 'publicCtx'
  Object.assign(req, { [name]: ctx })
}

/** Without the zone of a link-local address, which no column of addresses takes; null for what a proxy made up. */
export function readAddress({ ip }: FastifyRequest): string | null {
  return isIP(ip) === 0 ? null : ip.split('%', 1)[0]!
}

const BEARER = /^Bearer +([\w.~+/=-]+) *$/i

/** The token of the header Authorization; undefined where there is none, or it is of another scheme. */
export function findBearer({ headers }: FastifyRequest): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1]
}

function requireBearer(req: FastifyRequest): string {
  const token = findBearer(req)
  if (token === undefined) throw new AppError('unauthenticated')
  return token
}

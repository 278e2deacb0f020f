import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ClientActor } from '../../core/actor.ts'
import { authenticateClient } from '../../core/clients/authenticate-client.ts'
import { type Core, createContext } from '../../core/context.ts'
import { AppError } from '../../core/errors.ts'
import { addressKey } from '../../core/limits/address-key.ts'
import type { Counting } from '../../http/rate-limit.ts'
import { findBearer, readAddress } from '../../http/request-context.ts'

/** Finds which client calls, and refuses strangers before anything is looked at. */
export function addClientContext(app: FastifyInstance, core: Core): void {
  app.decorateRequest('clientCtx')
  app.addHook('onRequest', async (req) => {
    if (req.is404 || req.routeOptions.config.isPublic) return
    req.clientCtx = createContext(core, await readClient(req, core))
  })
}

/** The client whose token and public key a request carries. */
export async function readClient(req: FastifyRequest, core: Core): Promise<ClientActor> {
  const token = findBearer(req)
  if (token === undefined) throw new AppError('missing_authorization')
  const publicKey = findPublicKey(req)
  if (publicKey === undefined) throw new AppError('missing_public_key')
  return authenticateClient(core, { token, publicKey, origin: req.headers.origin, address: readAddress(req) })
}

/** What the request says its client is; undefined where it says nothing. */
export function findPublicKey({ headers }: FastifyRequest): string | undefined {
  return String(headers['x-public-key'] ?? '').trim() || undefined
}

/** Reads and writes are counted apart, by the client's workspace; by address on a public route. */
export const BY_CLIENT: Counting = {
  limitOf: ({ method }) => (method === 'GET' || method === 'HEAD' ? 'clientReads' : 'clientWrites'),
  keyOf: ({ clientCtx, ip }) => (clientCtx ? clientCtx.actor.workspaceId : addressKey(ip)),
}

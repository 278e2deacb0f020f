import type { FastifyInstance, FastifyRequest } from 'fastify'
import { authenticateClient } from '../../core/clients/authenticate-client.ts'
import { type Core, createContext } from '../../core/context.ts'
import { AppError } from '../../core/errors.ts'
import { addressKey } from '../../core/limits/address-key.ts'
import { readAddress, readBearer } from '../../http/request-context.ts'

/** Gives every request its client, and refuses strangers before the existence of anything is looked at. */
export function addClientContext(app: FastifyInstance, core: Core): void {
  app.decorateRequest('clientCtx')
  const { limits } = core.ports
  app.addHook('onRequest', async (req) => {
    if (req.is404 || req.routeOptions.config.isPublic) return
    try {
      req.clientCtx = createContext(core, await authenticateClient(core, readCredentials(req)))
    } catch (error) {
      // Counted only where it fails: whoever shares an address with somebody who guesses goes on undisturbed.
      if (error instanceof AppError && error.kind === 'unauthenticated') {
        await limits.consume('clientAuthFailures', addressKey(req.ip))
      }
      throw error
    }
  })
}

function readCredentials(req: FastifyRequest) {
  const token = readBearer(req)
  if (token === undefined) throw new AppError('missing_client_token')
  const publicKey = req.headers['x-public-key']
  if (typeof publicKey !== 'string' || publicKey === '') throw new AppError('missing_public_key')
  return { token, publicKey, origin: req.headers.origin, address: readAddress(req) }
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Core } from '../../core/context.ts'
import { addressKey } from '../../core/limits/address-key.ts'
import type { RouteWatch } from '../../http/allowed-methods.ts'
import { addApiDescription } from '../../http/api-description.ts'
import { addIdempotency } from '../../http/idempotency.ts'
import { addRateLimits } from '../../http/rate-limit.ts'
import type { CustomerMessagingApp } from './app.ts'
import { addClientContext } from './auth.ts'
import { registerChannelRoutes } from './channels.ts'
import { registerClientRoutes } from './client.ts'
import { registerCustomerRoutes } from './customers.ts'
import { createErrorHandler, FailureObject } from './errors.ts'
import { registerMessageRoutes } from './messages.ts'

export type CustomerMessagingOptions = { core: Core; routes: RouteWatch }

/** Beneath these paths a request is this dialect's, also where there is no such route. */
const PREFIXES = ['customers', 'channels', 'messages', 'client', 'tokens', 'events'].map((name) => `/api/v1/${name}`)

/** The Stripe-like dialect: a company's own servers, for messaging between its customers. */
export async function customerMessaging(
  app: CustomerMessagingApp,
  { core, routes }: CustomerMessagingOptions,
): Promise<void> {
  const handleError = createErrorHandler(core.log)
  app.setErrorHandler(handleError)
  routes.claim(PREFIXES, handleError)
  addClientContext(app as unknown as FastifyInstance, core)
  addRateLimits(app as unknown as FastifyInstance, core, countedAs)
  addIdempotency(app as unknown as FastifyInstance, core)
  await addApiDescription(app, {
    dialect: 'customer-messaging',
    title: 'Parlance customer messaging',
    description: DESCRIPTION,
    failure: FailureObject,
    security: {
      token: { type: 'http', scheme: 'bearer' },
      publicKey: { type: 'apiKey', in: 'header', name: 'X-Public-Key' },
    },
  })
  registerCustomerRoutes(app)
  registerChannelRoutes(app)
  registerMessageRoutes(app)
  registerClientRoutes(app)
}

/** Live and test keys count apart, as do reads and writes. */
function countedAs({ clientCtx, method, ip }: FastifyRequest) {
  if (clientCtx === undefined) return { name: 'requests' as const, key: addressKey(ip) }
  const name = method === 'GET' || method === 'HEAD' ? ('clientReads' as const) : ('clientWrites' as const)
  return { name, key: clientCtx.actor.workspaceId }
}

const DESCRIPTION =
  'Customers of a company, the channels between them and their messages, for the company’s own servers.'

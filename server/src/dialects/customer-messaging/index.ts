import type { FastifyInstance } from 'fastify'
import type { Core } from '../../core/context.ts'
import type { RouteWatch } from '../../http/allowed-methods.ts'
import { addApiDescription } from '../../http/api-description.ts'
import type { ClientMetrics } from '../../http/client-metrics.ts'
import { addIdempotency } from '../../http/idempotency.ts'
import { addRateLimits } from '../../http/rate-limit.ts'
import type { CustomerMessagingApp } from './app.ts'
import { addClientContext, BY_CLIENT } from './auth.ts'
import { registerChannelRoutes } from './channels.ts'
import { registerClientRoutes } from './client.ts'
import { registerCustomerRoutes } from './customers.ts'
import { createErrorHandler, FailureObject } from './errors.ts'
import { registerEventRoutes } from './events.ts'
import { registerMessageRoutes } from './messages.ts'
import { addMonitoring } from './monitoring.ts'
import { CLIENT_PREFIXES } from './paths.ts'
import { registerTokenRoutes } from './tokens.ts'
import { registerWebhookRoutes } from './webhooks.ts'

export type CustomerMessagingOptions = { core: Core; routes: RouteWatch; metrics: ClientMetrics }

/** The Stripe-like dialect: a company's own servers, for messaging between its customers. */
export async function customerMessaging(
  app: CustomerMessagingApp,
  { core, routes, metrics }: CustomerMessagingOptions,
): Promise<void> {
  const handleError = createErrorHandler(core.log)
  app.setErrorHandler(handleError)
  routes.claim(CLIENT_PREFIXES, handleError)
  const plain = app as unknown as FastifyInstance
  addMonitoring(plain, core, metrics)
  addClientContext(plain, core)
  addRateLimits(plain, core, BY_CLIENT)
  addIdempotency(plain, core)
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
  registerTokenRoutes(app)
  registerWebhookRoutes(app)
  registerEventRoutes(app)
}

const DESCRIPTION =
  'Customers of a company, the channels between them and their messages, for the company’s own servers.'

import { createWebhookEndpoint } from '../../core/webhooks/create-webhook-endpoint.ts'
import { deleteWebhookEndpoint } from '../../core/webhooks/delete-webhook-endpoint.ts'
import { getWebhookEndpoint } from '../../core/webhooks/get-webhook-endpoint.ts'
import { listWebhookEndpoints } from '../../core/webhooks/list-webhook-endpoints.ts'
import { rotateWebhookSecret } from '../../core/webhooks/rotate-webhook-secret.ts'
import { sendTestEvent } from '../../core/webhooks/send-test-event.ts'
import { updateWebhookEndpoint } from '../../core/webhooks/update-webhook-endpoint.ts'
import type { CustomerMessagingApp } from './app.ts'
import { parseEventTypes, type WireEventType } from './event-types.ts'
import { presentId } from './ids.ts'
import { presentList } from './lists.ts'
import { presentDelivery, presentEndpoint } from './present-webhook.ts'
import { registerDeliveryRoutes } from './webhook-deliveries.ts'
import { parseEndpointId, schemas } from './webhook-schemas.ts'

/**
 * The webhooks of a client.
 * @see docs/api/customer-messaging-webhooks.md
 */
export function registerWebhookRoutes(app: CustomerMessagingApp): void {
  app.post('/api/v1/client/webhooks', { schema: schemas.createEndpoint }, async (req, reply) => {
    const { url, description, event_types } = req.body
    const input = { url, description, eventTypes: readTypes(event_types) }
    const { endpoint, secret } = await createWebhookEndpoint(req.clientCtx, input)
    return reply.code(201).send(presentEndpoint(endpoint, secret))
  })

  app.get('/api/v1/client/webhooks', { schema: schemas.listEndpoints }, async (req) => {
    const rows = await listWebhookEndpoints(req.clientCtx)
    return presentList({ rows, hasMore: false, totalCount: rows.length }, (endpoint) => presentEndpoint(endpoint))
  })

  app.get('/api/v1/client/webhooks/:id', { schema: schemas.getEndpoint }, async (req) =>
    presentEndpoint(await getWebhookEndpoint(req.clientCtx, { endpointId: parseEndpointId(req.params) })),
  )

  app.patch('/api/v1/client/webhooks/:id', { schema: schemas.updateEndpoint }, async (req) => {
    const { url, description, event_types, enabled: isEnabled } = req.body
    const endpointId = parseEndpointId(req.params)
    const changes = { endpointId, url, description, eventTypes: readTypes(event_types), isEnabled }
    return presentEndpoint(await updateWebhookEndpoint(req.clientCtx, changes))
  })

  app.delete('/api/v1/client/webhooks/:id', { schema: schemas.deleteEndpoint }, async (req) => {
    const endpointId = parseEndpointId(req.params)
    await deleteWebhookEndpoint(req.clientCtx, { endpointId })
    return { object: 'webhook_endpoint' as const, id: presentId('endpoint', endpointId), deleted: true as const }
  })

  app.post('/api/v1/client/webhooks/:id/rotate', { schema: schemas.rotateSecret }, async (req) => {
    const rotated = await rotateWebhookSecret(req.clientCtx, { endpointId: parseEndpointId(req.params) })
    return presentEndpoint(rotated.endpoint, rotated.secret)
  })

  app.post('/api/v1/client/webhooks/:id/test', { schema: schemas.sendTest }, async (req, reply) => {
    const delivery = await sendTestEvent(req.clientCtx, { endpointId: parseEndpointId(req.params) })
    return reply.code(202).send(presentDelivery(delivery))
  })

  registerDeliveryRoutes(app)
}

function readTypes(types: WireEventType[] | null | undefined) {
  return types && parseEventTypes(types)
}

import { getWebhookDelivery } from '../../core/webhooks/get-webhook-delivery.ts'
import { listWebhookDeliveries } from '../../core/webhooks/list-webhook-deliveries.ts'
import { replayDelivery } from '../../core/webhooks/replay-delivery.ts'
import { replayFailedDeliveries } from '../../core/webhooks/replay-failed-deliveries.ts'
import type { CustomerMessagingApp } from './app.ts'
import { presentId } from './ids.ts'
import { presentList, readWindow } from './lists.ts'
import { presentDelivery } from './present-webhook.ts'
import { parseDeliveryId, parseEndpointId, schemas } from './webhook-schemas.ts'

/** What was sent to an endpoint, and sending it again. */
export function registerDeliveryRoutes(app: CustomerMessagingApp): void {
  app.get('/api/v1/client/webhooks/:id/deliveries', { schema: schemas.listDeliveries }, async (req) => {
    const { deliveries, ...page } = await listWebhookDeliveries(req.clientCtx, {
      ...readWindow('delivery', req.query),
      endpointId: parseEndpointId(req.params),
      status: req.query.status,
    })
    return presentList({ ...page, rows: deliveries }, (delivery) => presentDelivery(delivery))
  })

  app.get('/api/v1/client/webhooks/:id/deliveries/:delivery_id', { schema: schemas.getDelivery }, async (req) => {
    const ids = { endpointId: parseEndpointId(req.params), deliveryId: parseDeliveryId(req.params) }
    const { delivery, attempts } = await getWebhookDelivery(req.clientCtx, ids)
    return presentDelivery(delivery, attempts)
  })

  app.post(
    '/api/v1/client/webhooks/:id/deliveries/:delivery_id/replay',
    { schema: schemas.replayDelivery },
    async (req, reply) => {
      const ids = { endpointId: parseEndpointId(req.params), deliveryId: parseDeliveryId(req.params) }
      return reply.code(202).send(presentDelivery(await replayDelivery(req.clientCtx, ids)))
    },
  )

  app.post('/api/v1/client/webhooks/:id/replay', { schema: schemas.replayFailed }, async (req, reply) => {
    const endpointId = parseEndpointId(req.params)
    const { since } = req.body
    await replayFailedDeliveries(req.clientCtx, { endpointId, since: new Date(since * 1_000).toISOString() })
    return reply
      .code(202)
      .send({ object: 'webhook_replay' as const, endpoint_id: presentId('endpoint', endpointId), since })
  })
}

import { getWebhookDelivery } from '../../core/webhooks/get-webhook-delivery.ts'
import { listWebhookDeliveries } from '../../core/webhooks/list-webhook-deliveries.ts'
import { replayDelivery } from '../../core/webhooks/replay-delivery.ts'
import { replayFailedDeliveries } from '../../core/webhooks/replay-failed-deliveries.ts'
import type { HttpApp } from '../../http/server.ts'
import './client-context.ts'
import { presentDelivery } from './present-webhook.ts'
import { presentList } from './stripe-list.ts'
import { parseDeliveryId, parseEndpointId, schemas } from './webhook-schemas.ts'
import { parseCursors, presentId } from './wire-ids.ts'

/** What was sent to an endpoint, and sending it again. */
export function registerDeliveryRoutes(app: HttpApp): void {
  app.get('/client/webhooks/:id/deliveries', { schema: schemas.listDeliveries }, async (req) => {
    const { limit, status, ...cursors } = req.query
    const page = await listWebhookDeliveries(req.clientCtx, {
      endpointId: parseEndpointId(req.params),
      limit,
      status,
      ...parseCursors(cursors, 'whd'),
    })
    return presentList(
      page.deliveries.map((delivery) => presentDelivery(delivery)),
      page,
    )
  })

  app.get('/client/webhooks/:id/deliveries/:delivery_id', { schema: schemas.getDelivery }, async (req) => {
    const ids = { endpointId: parseEndpointId(req.params), deliveryId: parseDeliveryId(req.params) }
    const { delivery, attempts } = await getWebhookDelivery(req.clientCtx, ids)
    return presentDelivery(delivery, attempts)
  })

  app.post(
    '/client/webhooks/:id/deliveries/:delivery_id/replay',
    { schema: schemas.replayDelivery },
    async (req, reply) => {
      const ids = { endpointId: parseEndpointId(req.params), deliveryId: parseDeliveryId(req.params) }
      return reply.code(202).send(presentDelivery(await replayDelivery(req.clientCtx, ids)))
    },
  )

  app.post('/client/webhooks/:id/replay', { schema: schemas.replayFailed }, async (req, reply) => {
    const endpointId = parseEndpointId(req.params)
    const { since } = req.body
    await replayFailedDeliveries(req.clientCtx, { endpointId, since: new Date(since * 1_000).toISOString() })
    return reply.code(202).send({ object: 'webhook_replay' as const, endpoint_id: presentId('we', endpointId), since })
  })
}

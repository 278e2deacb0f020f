import { Type } from 'typebox'
import { DELIVERY_STATUSES } from '../../core/webhooks/schema.ts'
import { parsePathId } from './ids.ts'
import { ListOf, windowQuery } from './lists.ts'
import { Seconds } from './present.ts'
import { DeliveryObject, EndpointObject, EventTypes } from './present-webhook.ts'

export function parseEndpointId({ id }: { id: string }): string {
  return parsePathId('endpoint', id)
}

export function parseDeliveryId({ delivery_id }: { delivery_id: string }): string {
  return parsePathId('delivery', delivery_id)
}

const tags = ['Webhooks']
const params = Type.Object({ id: Type.String({ description: 'The endpoint.' }) })
const deliveryParams = Type.Object({
  id: Type.String({ description: 'The endpoint.' }),
  delivery_id: Type.String({ description: 'The delivery.' }),
})
const url = Type.String({ description: 'https, to a public address, without credentials; up to 2,048 characters.' })
const fields = {
  description: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: 'Up to 500 characters; null for none.' }),
  ),
  event_types: Type.Optional(Type.Union([EventTypes, Type.Null()])),
}
// The last second that a date can name.
const SECONDS_MAX = 253_402_300_799

export const schemas = {
  createEndpoint: {
    operationId: 'createWebhookEndpoint',
    summary: 'Make an endpoint: it is sent what happens from now on. Up to 20',
    tags,
    body: Type.Object({ url, ...fields }),
    response: { 201: EndpointObject },
  },
  listEndpoints: {
    operationId: 'listWebhookEndpoints',
    summary: 'All endpoints, newest first',
    tags,
    response: { 200: ListOf(EndpointObject, 'How many there are.') },
  },
  getEndpoint: {
    operationId: 'getWebhookEndpoint',
    summary: 'An endpoint',
    tags,
    params,
    response: { 200: EndpointObject },
  },
  updateEndpoint: {
    operationId: 'updateWebhookEndpoint',
    summary: 'Change, disable or enable an endpoint',
    tags,
    params,
    body: Type.Object({
      url: Type.Optional(url),
      ...fields,
      enabled: Type.Optional(
        Type.Boolean({ description: 'False cancels what is pending; true begins with what happens from now on.' }),
      ),
    }),
    response: { 200: EndpointObject },
  },
  deleteEndpoint: {
    operationId: 'deleteWebhookEndpoint',
    summary: 'Delete an endpoint, and cancel what is pending',
    tags,
    params,
    response: {
      200: Type.Object({
        object: Type.Literal('webhook_endpoint'),
        id: Type.String({ description: 'The endpoint.' }),
        deleted: Type.Literal(true),
      }),
    },
  },
  rotateSecret: {
    operationId: 'rotateWebhookSecret',
    summary: 'Give an endpoint a new secret; the one before signs too for 24 hours',
    tags,
    params,
    response: { 200: EndpointObject },
  },
  sendTest: {
    operationId: 'sendTestWebhook',
    summary: 'Send an endpoint an event `webhook.test`',
    tags,
    params,
    response: { 202: DeliveryObject },
  },
  listDeliveries: {
    operationId: 'listWebhookDeliveries',
    summary: 'What was sent to an endpoint in the last 30 days, newest first',
    tags,
    params,
    querystring: Type.Object({
      ...windowQuery('delivery', 20),
      status: Type.Optional(Type.Enum([...DELIVERY_STATUSES], { description: 'Only those.' })),
    }),
    response: { 200: ListOf(DeliveryObject, 'How many there are, up to 10,000.') },
  },
  getDelivery: {
    operationId: 'getWebhookDelivery',
    summary: 'A delivery with its attempts',
    tags,
    params: deliveryParams,
    response: { 200: DeliveryObject },
  },
  replayDelivery: {
    operationId: 'replayWebhookDelivery',
    summary: 'Send the event of a delivery that has ended once more',
    tags,
    params: deliveryParams,
    response: { 202: DeliveryObject },
  },
  replayFailed: {
    operationId: 'replayFailedWebhooks',
    summary: 'Send again what was given up since then: up to 10,000 deliveries, the oldest first',
    tags,
    params,
    body: Type.Object({
      since: Type.Integer({ minimum: 0, maximum: SECONDS_MAX, description: 'In Unix seconds.' }),
    }),
    response: {
      202: Type.Object({
        object: Type.Literal('webhook_replay'),
        endpoint_id: Type.String({ description: 'The endpoint.' }),
        since: Seconds('From when on.'),
      }),
    },
  },
}

import { Type } from 'typebox'
import { getClientEvent } from '../../core/client-events/get-client-event.ts'
import { listClientEvents } from '../../core/client-events/list-client-events.ts'
import type { CustomerMessagingApp } from './app.ts'
import { parseEventTypes, WIRE_EVENT_TYPES } from './event-types.ts'
import { parsePathId } from './ids.ts'
import { ListOf, presentList, readWindow, windowQuery } from './lists.ts'
import { Seconds } from './present.ts'
import { presentEvent } from './present-event.ts'

/**
 * The feed of a client's events.
 * @see docs/api/customer-messaging-webhooks.md
 */
export function registerEventRoutes(app: CustomerMessagingApp): void {
  app.get('/api/v1/events', { schema: schemas.listEvents }, async (req) => {
    const { type } = req.query
    const types = type && parseEventTypes(type)
    const { events, ...page } = await listClientEvents(req.clientCtx, { ...readWindow('event', req.query), types })
    return presentList({ ...page, rows: events }, (event) => presentEvent(event, req.clientCtx.actor))
  })

  app.get('/api/v1/events/:id', { schema: schemas.getEvent }, async (req) => {
    const eventId = parsePathId('event', req.params.id)
    return presentEvent(await getClientEvent(req.clientCtx, { eventId }), req.clientCtx.actor)
  })
}

const tags = ['Events']

const EventObject = Type.Object(
  {
    id: Type.String({ description: '`evt_` and a UUID; the `webhook-id` of its webhooks.' }),
    object: Type.Literal('event'),
    type: Type.String({ description: `One of ${WIRE_EVENT_TYPES.join(', ')}.` }),
    created: Seconds('When it happened.'),
    livemode: Type.Boolean({ description: 'Whether it happened with live keys.' }),
    data: Type.Object({
      object: Type.Record(Type.String(), Type.Unknown(), {
        description: 'The customer, channel or message as it was then; with `deleted: true` where it was deleted.',
      }),
    }),
  },
  { description: 'A change in the data of a client.' },
)

const schemas = {
  listEvents: {
    operationId: 'listEvents',
    summary: 'What happened in the last 30 days, newest first',
    tags,
    querystring: Type.Object({
      ...windowQuery('event', 10),
      type: Type.Optional(
        Type.Array(Type.Enum(WIRE_EVENT_TYPES), {
          minItems: 1,
          maxItems: 50,
          description: 'Only these; may be repeated.',
        }),
      ),
    }),
    response: { 200: ListOf(EventObject, 'All events of these types that are kept.') },
  },
  getEvent: {
    operationId: 'getEvent',
    summary: 'An event',
    tags,
    params: Type.Object({ id: Type.String({ description: 'The event.' }) }),
    response: { 200: EventObject },
  },
}

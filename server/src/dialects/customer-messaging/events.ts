import { Type } from 'typebox'
import { getClientEvent } from '../../core/client-events/get-client-event.ts'
import { listClientEvents } from '../../core/client-events/list-client-events.ts'
import type { HttpApp } from '../../http/server.ts'
import './client-context.ts'
import { parseEventTypes, WIRE_EVENT_TYPES } from './event-types.ts'
import { presentEvent } from './present-event.ts'
import { Seconds } from './present-webhook.ts'
import { ListOf, pageQuery, presentList } from './stripe-list.ts'
import { parseCursors, parseId } from './wire-ids.ts'

/**
 * The feed of a client's events, under `/api/v1`.
 * @see docs/api/customer-messaging-webhooks.md
 */
export function registerEventRoutes(app: HttpApp): void {
  app.get('/events', { schema: schemas.listEvents }, async (req) => {
    const { limit, type, ...cursors } = req.query
    const types = type && parseEventTypes(type)
    const page = await listClientEvents(req.clientCtx, { limit, types, ...parseCursors(cursors, 'evt') })
    return presentList(
      page.events.map((event) => presentEvent(event, req.clientCtx.actor)),
      page,
    )
  })

  app.get('/events/:id', { schema: schemas.getEvent }, async (req) => {
    const eventId = parseId(req.params.id, { prefix: 'evt', code: 'event_not_found', param: 'id' })
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
      ...pageQuery(10),
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

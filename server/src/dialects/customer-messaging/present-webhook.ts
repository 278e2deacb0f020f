import { Type } from 'typebox'
import type { WebhookAttempt, WebhookDelivery, WebhookEndpoint } from '../../core/webhooks/schema.ts'
import type { Timestamp } from '../../platform/clock.ts'
import { presentEventType, WIRE_EVENT_TYPES, type WireEventType } from './event-types.ts'
import { presentId } from './ids.ts'
import { Seconds, toSeconds } from './present.ts'

const OptionalSeconds = (description: string) =>
  Type.Unsafe<number | null>({ ...Seconds(description), type: ['integer', 'null'] })
const OptionalText = (description: string) =>
  Type.Unsafe<string | null>({ ...Type.String({ description }), type: ['string', 'null'] })

export const EventTypes = Type.Array(Type.Enum(WIRE_EVENT_TYPES), {
  maxItems: 50,
  description: 'Which events are sent; null for all.',
})

export const EndpointObject = Type.Object(
  {
    object: Type.Literal('webhook_endpoint'),
    id: Type.String({ description: '`we_` and a UUID.' }),
    url: Type.String({ description: 'Where the webhooks go.' }),
    description: OptionalText('Up to 500 characters.'),
    event_types: Type.Union([EventTypes, Type.Null()]),
    status: Type.Enum(['enabled', 'disabled'], { description: 'Nothing is sent to a disabled one.' }),
    disabled_reason: OptionalText(
      '`requested`, `gone` (it answered 410), `failing` (for 3 days without one success) or `client_revoked`.',
    ),
    disabled_at: OptionalSeconds('When it was disabled.'),
    secret: Type.Optional(
      Type.String({ description: '`whsec_` and base64: signs the webhooks. Only in the answer to create and rotate.' }),
    ),
    created: Seconds('When it was made.'),
    updated: Seconds('When it was last changed.'),
    livemode: Type.Boolean({ description: 'Whether it belongs to the live keys.' }),
  },
  { description: 'Where the events of a client are sent.' },
)

export function presentEndpoint(endpoint: WebhookEndpoint, secret?: string) {
  const { id, url, description, eventTypes, disabledAt, disabledReason, createdAt, updatedAt, isLive } = endpoint
  return {
    object: 'webhook_endpoint' as const,
    id: presentId('endpoint', id),
    url,
    description,
    event_types: eventTypes?.map((type) => presentEventType(type) as WireEventType) ?? null,
    status: disabledAt === null ? ('enabled' as const) : ('disabled' as const),
    disabled_reason: disabledReason,
    disabled_at: optionalSeconds(disabledAt),
    ...(secret !== undefined && { secret }),
    created: toSeconds(createdAt),
    updated: toSeconds(updatedAt),
    livemode: isLive,
  }
}

const AttemptObject = Type.Object({
  number: Type.Integer({ description: 'From 1.' }),
  started_at: Seconds('When the request was made.'),
  duration_ms: Type.Integer({ description: 'How long it took, in milliseconds.' }),
  status_code: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description: 'Null where there was no answer.',
  }),
  error: OptionalText('Why it counts as failed; null where it does not.'),
  response_excerpt: OptionalText('The beginning of the answer: 1,024 bytes.'),
})

export const DeliveryObject = Type.Object(
  {
    object: Type.Literal('webhook_delivery'),
    id: Type.String({ description: '`whd_` and a UUID.' }),
    endpoint_id: Type.String({ description: 'The endpoint.' }),
    event_id: Type.String({ description: 'The event, which is also the header `webhook-id`.' }),
    event_type: Type.String({ description: 'The type of the event; `webhook.test` for a test.' }),
    status: Type.Enum(['pending', 'delivered', 'failed', 'cancelled'], {
      description: '`failed` was given up; `cancelled`: its endpoint was disabled or deleted.',
    }),
    attempt_count: Type.Integer({ description: 'Attempts so far.' }),
    next_attempt_at: OptionalSeconds('The next attempt; null where it is at once or never.'),
    created: Seconds('When it was made.'),
    finished_at: OptionalSeconds('When it ended.'),
    attempts: Type.Optional(
      Type.Array(AttemptObject, { description: 'The last 100, oldest first; only when you ask for one delivery.' }),
    ),
  },
  { description: 'An event on its way to one endpoint.' },
)

export function presentDelivery(delivery: WebhookDelivery, attempts?: WebhookAttempt[]) {
  return {
    object: 'webhook_delivery' as const,
    id: presentId('delivery', delivery.id),
    endpoint_id: presentId('endpoint', delivery.endpointId),
    event_id: presentId('event', delivery.eventId),
    event_type: presentEventType(delivery.eventType),
    status: delivery.status,
    attempt_count: delivery.attemptCount,
    next_attempt_at: optionalSeconds(delivery.nextAttemptAt),
    created: toSeconds(delivery.createdAt),
    finished_at: optionalSeconds(delivery.finishedAt),
    ...(attempts !== undefined && { attempts: attempts.map(presentAttempt) }),
  }
}

function presentAttempt({ number, startedAt, durationMs, statusCode, error, responseExcerpt }: WebhookAttempt) {
  return {
    number,
    started_at: toSeconds(startedAt),
    duration_ms: durationMs,
    status_code: statusCode,
    error,
    response_excerpt: responseExcerpt,
  }
}

function optionalSeconds(at: Timestamp | null): number | null {
  return at === null ? null : toSeconds(at)
}

import type { Timestamp } from '../../platform/clock.ts'
import type { ClientEvent, ClientEventType } from '../client-events/schema.ts'

export const ENDPOINTS_MAX = 20

/**
 * `requested` by the client, `gone` by an answer 410, `failing` for days without one success, `client_revoked` with the
 * client itself.
 */
export type DisabledReason = 'requested' | 'gone' | 'failing' | 'client_revoked'

export type WebhookEndpoint = {
  id: string
  workspaceId: string
  clientId: string
  isLive: boolean
  url: string
  description: string | null
  /** Null for all. */
  eventTypes: ClientEventType[] | null
  createdAt: Timestamp
  updatedAt: Timestamp
  disabledAt: Timestamp | null
  disabledReason: DisabledReason | null
}

/** An endpoint with what signs its webhooks: `whsec_` and base64 of 32 bytes. Shown when it is made, and never again. */
export type EndpointWithSecret = { endpoint: WebhookEndpoint; secret: string }

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'cancelled'] as const
/** `failed` is given up; `cancelled` because its endpoint was disabled or deleted. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** An event on its way to one endpoint. */
export type WebhookDelivery = {
  id: string
  endpointId: string
  eventId: string
  eventType: ClientEventType | 'webhook.test'
  status: DeliveryStatus
  attemptCount: number
  /** While it is pending; null before the first attempt, which is made at once. */
  nextAttemptAt: Timestamp | null
  createdAt: Timestamp
  finishedAt: Timestamp | null
}

export type WebhookAttempt = {
  /** From 1. */
  number: number
  startedAt: Timestamp
  durationMs: number
  /** Null where there was no answer. */
  statusCode: number | null
  error: string | null
  /** The beginning of the answer, up to 1 KiB. */
  responseExcerpt: string | null
}

/** What goes over the wire: a change, or a test that the client asked for. */
export type WebhookEvent =
  | ClientEvent
  | { id: string; type: 'webhook.test'; createdAt: Timestamp; data: { endpointId: string } }

/** An event in a dialect's words. */
export type PresentedEvent = { id: string } & Record<string, unknown>

/** Gives the same for the same event, at every attempt and on every node. */
export type PresentEvent = (event: WebhookEvent, options: { isLive: boolean }) => PresentedEvent

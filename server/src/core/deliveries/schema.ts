import type { Timestamp } from '../../platform/clock.ts'
import type { EmailParts, Transport } from './carrier.ts'

/**
 * What became of a message on its way to a person outside:
 *
 *   queued ⇄ sending → sent → delivered → read
 *                 ↘ unknown ↗         (all below delivered) → failed
 *   queued → cancelled
 *
 * `unknown`: it was handed over, and nobody can say whether the carrier took it. A later report says.
 */
export const DELIVERY_STATUSES = [
  'queued',
  'sending',
  'unknown',
  'sent',
  'failed',
  'delivered',
  'read',
  'cancelled',
] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** The carrying of one message over one transport to one address. */
export type Delivery = {
  id: string
  messageId: string
  conversationId: string
  workspaceId: string
  senderId: string
  transport: Transport
  carrier: string
  /** E.164, or an email address. */
  toAddress: string
  /** What an email has beside its text; null for the other transports. */
  email: EmailParts | null
  status: DeliveryStatus
  /** The carrier's own id, once it was accepted. */
  carrierId: string | null
  /** The state in the carrier's own word. */
  carrierStatus: string | null
  errorCode: string | null
  /** A plain sentence that says what went wrong and what to do. */
  errorReason: string | null
  createdAt: Timestamp
  updatedAt: Timestamp
}

export type StepSource = 'attempt' | 'report' | 'inquiry' | 'system'

/** Something that was heard of a delivery. */
export type Step = {
  status: DeliveryStatus
  source: StepSource
  /** The attempt that it tells of, where it is not true of any other. */
  attempt: number | null
  /** When it is to be handed over again, or the carrier to be asked. */
  dueAt: Timestamp | null
  carrierId: string | null
  carrierStatus: string | null
  code: string | null
  reason: string | null
  /** Names a report among those of its delivery, so that a repeat is known. */
  reportKey: string | null
  occurredAt: Timestamp
}

/** Something that was heard, and of which delivery. */
export type HeardStep = Step & { deliveryId: string }

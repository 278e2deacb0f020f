import { parseAddress } from './address.ts'
import { explainError } from './error-codes.ts'

/** How far a message has come, in the order of progress; `failed` ends it. */
export type DeliveryState = 'queued' | 'sent' | 'delivered' | 'read' | 'failed'

/** What Twilio says has become of a message. */
export type StatusReport = {
  sid: string
  /** As Twilio said it; what is new stays as it came. */
  status: string
  /** The same in our words; null for a status that is not known, which changes nothing. */
  state: DeliveryState | null
  errorCode: string | null
  /** What Twilio or the channel said about the error, where it did. */
  errorMessage: string | null
  /** What to do about the error; null without one. */
  advice: string | null
  /** Without the channel before them. */
  to: string | null
  from: string | null
  /** The delivery that we have put into the URL. */
  deliveryId: string | null
}

/** https://www.twilio.com/docs/messaging/api/message-resource#message-status-values */
const STATES: Record<string, DeliveryState> = {
  accepted: 'queued',
  scheduled: 'queued',
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  // Some parts have arrived, and the whole is not known to have.
  partially_delivered: 'sent',
  delivered: 'delivered',
  read: 'read',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
}

const DELIVERY_ID_LENGTH_MAX = 100

/** A message's status at Twilio in our words; null for one that is not known. */
export function readDeliveryState(status: string): DeliveryState | null {
  return Object.hasOwn(STATES, status) ? STATES[status]! : null
}

/**
 * Reads a status callback: its form, and the query of the URL that it came to. Undefined where it names no message or no
 * status. Callbacks come late, twice and in any order: see https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
 */
export function parseStatus(form: URLSearchParams, query: URLSearchParams): StatusReport | undefined {
  const read = (name: string) => form.get(name) || null
  const sid = read('MessageSid') ?? read('SmsSid')
  const status = (read('MessageStatus') ?? read('SmsStatus'))?.toLowerCase() ?? null
  if (sid === null || status === null) return undefined
  const errorCode = read('ErrorCode')
  const errorMessage = read('ErrorMessage') ?? read('ChannelStatusMessage')
  const [to, from] = [read('To'), read('From')]
  return {
    sid,
    status,
    state: readDeliveryState(status),
    errorCode,
    errorMessage,
    advice: errorCode === null ? null : explainError(errorCode, errorMessage).advice,
    to: to && parseAddress(to).address,
    from: from && parseAddress(from).address,
    deliveryId: readDeliveryId(query),
  }
}

function readDeliveryId(query: URLSearchParams): string | null {
  const id = query.get('delivery')
  return id && id.length <= DELIVERY_ID_LENGTH_MAX ? id : null
}

import { timingSafeEqual } from 'node:crypto'
import { parseEmailAddress } from '../core/addresses/parse-email-address.ts'
import { fingerprint } from '../core/inbound-webhooks/fingerprint.ts'
import { BODY_BYTES_MAX } from '../core/inbound-webhooks/schema.ts'
import { headerOf, type WebhookDoor } from '../http/webhook-doors.ts'
import {
  isSignedBySendgrid,
  parseEventKey,
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
} from '../providers/sendgrid/event-signature.ts'
import { createSendgridCarrier } from '../providers/sendgrid/sendgrid-carrier.ts'
import type { Integration } from './integration.ts'
import { applyEmail } from './sendgrid-emails.ts'
import { applyEvents } from './sendgrid-events.ts'

export type SendgridIntegrationOptions = {
  apiKey: string
  /** Null for SendGrid's own. */
  baseUrl: string | null
  /** The mailbox that sends, and to which people answer; null where nothing is sent. */
  from: string | null
  /** Checks its events; without it none are taken. */
  webhookPublicKey: string | null
  /** Stands at the end of the address that incoming emails are posted to; without it none are taken. */
  inboundToken: string | null
}

const BASE_URL = 'https://api.sendgrid.com'
const CARRIER = 'sendgrid'
const PATH = '/api/v1/webhooks/twilio/email'
const EVENTS = 'sendgrid.events'
const INBOUND = 'sendgrid.inbound'
// 768 kB are the most that SendGrid puts into one batch.
const EVENTS_BYTES_MAX = 2 * 1024 * 1024
const NOTHING = { contentType: 'text/plain; charset=utf-8', body: '' }

/** Emails over SendGrid. */
export function integrateSendgrid(options: SendgridIntegrationOptions): Integration {
  const { apiKey, baseUrl, from, webhookPublicKey, inboundToken } = options
  return {
    carrier: createSendgridCarrier({ apiKey, baseUrl: baseUrl ?? BASE_URL }),
    doors: [
      ...(webhookPublicKey === null ? [] : [eventsDoor(webhookPublicKey)]),
      ...(inboundToken === null ? [] : [inboundDoor(inboundToken)]),
    ],
    appliers: { [EVENTS]: applyEvents, [INBOUND]: applyEmail },
    senders:
      from === null ? [] : [{ transport: 'email', address: parseEmailAddress(from, 'from').value, carrier: CARRIER }],
    // Its events go where its settings say, and name our delivery by themselves.
    statusUrl: () => null,
  }
}

function eventsDoor(publicKey: string): WebhookDoor {
  const key = parseEventKey(publicKey)
  return {
    path: `${PATH}/status`,
    kind: EVENTS,
    isSigned: (webhook) =>
      isSignedBySendgrid({
        key,
        signature: headerOf(webhook, SIGNATURE_HEADER),
        timestamp: headerOf(webhook, TIMESTAMP_HEADER),
        rawBody: webhook.body,
      }),
    keyOf: ({ body }) => fingerprint(body),
    keepHeaders: ['content-type'],
    bodyBytesMax: EVENTS_BYTES_MAX,
    answer: NOTHING,
  }
}

/** SendGrid does not sign the emails that it posts: the address is the secret. */
function inboundDoor(token: string): WebhookDoor {
  const expected = Buffer.from(fingerprint(Buffer.from(token)))
  const isKnown = (url: string) => timingSafeEqual(Buffer.from(fingerprint(Buffer.from(tokenOf(url)))), expected)
  return {
    path: `${PATH}/:token`,
    kind: INBOUND,
    mayKnock: isKnown,
    urlToKeep: (url) => url.slice(0, url.lastIndexOf('/')),
    isSigned: ({ url }) => isKnown(url),
    keyOf: ({ body }) => fingerprint(body),
    keepHeaders: ['content-type'],
    bodyBytesMax: BODY_BYTES_MAX,
    answer: NOTHING,
  }
}

function tokenOf(url: string): string {
  const path = new URL(url).pathname.replace(/\/+$/, '')
  return path.slice(path.lastIndexOf('/') + 1)
}

import { timingSafeEqual } from 'node:crypto'
import type { SystemActor } from '../core/actor.ts'
import { parseEmailAddress } from '../core/addresses/parse-email-address.ts'
import type { Context } from '../core/context.ts'
import { toText } from '../core/email/to-text.ts'
import { AppError } from '../core/errors.ts'
import { keepFile } from '../core/files/keep-file.ts'
import { receiveMessage } from '../core/inbound/receive-message.ts'
import { type DeliveryReport, receiveReports } from '../core/inbound/receive-reports.ts'
import { fingerprint } from '../core/inbound-webhooks/fingerprint.ts'
import { BODY_BYTES_MAX, type Outcome, type StoredWebhook } from '../core/inbound-webhooks/schema.ts'
import type { Attachment } from '../core/messages/schema.ts'
import { findSenderByAddress } from '../core/senders/queries.ts'
import type { KnockingWebhook, WebhookDoor } from '../http/webhook-doors.ts'
import {
  isSignedBySendgrid,
  parseEventKey,
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
} from '../providers/sendgrid/event-signature.ts'
import type { InboundEmail } from '../providers/sendgrid/inbound-email.ts'
import { type EmailEvent, parseEvents } from '../providers/sendgrid/parse-events.ts'
import { parseInbound } from '../providers/sendgrid/parse-inbound.ts'
import { createSendgridCarrier } from '../providers/sendgrid/sendgrid-carrier.ts'
import type { Integration } from './integration.ts'

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
    appliers: { [EVENTS]: applyEvents, [INBOUND]: applyInbound },
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
    isSigned: ({ headers, body }) =>
      isSignedBySendgrid({
        key,
        signature: firstOf(headers[SIGNATURE_HEADER]),
        timestamp: firstOf(headers[TIMESTAMP_HEADER]),
        rawBody: body,
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

async function applyEvents(ctx: Context<SystemActor>, { body, receivedAt }: StoredWebhook): Promise<Outcome> {
  const reports = parseEvents(body).events.flatMap((event) => readReport(event, receivedAt) ?? [])
  const known = await receiveReports(ctx, reports)
  return known.includes(true) ? 'applied' : 'ignored'
}

/** What an event means; the others say nothing that changes how far an email has come. */
const STATUSES: Record<string, DeliveryReport['status']> = {
  processed: 'sent',
  deferred: 'sent',
  delivered: 'delivered',
  open: 'read',
  click: 'read',
  bounce: 'failed',
  dropped: 'failed',
}

function readReport(event: EmailEvent, receivedAt: string): DeliveryReport | undefined {
  const status = Object.hasOwn(STATUSES, event.event) ? STATUSES[event.event]! : undefined
  // Apple's proxy opens everything: that is no reader.
  if (status === undefined || (event.event === 'open' && event.isMachineOpen)) return undefined
  return {
    carrier: CARRIER,
    deliveryId: event.deliveryId,
    carrierId: event.carrierId,
    to: event.email,
    status,
    carrierStatus: event.event,
    code: status === 'failed' ? (event.status ?? event.type ?? event.event) : null,
    reason: status === 'failed' ? explain(event) : null,
    key: event.id,
    occurredAt: event.at ?? receivedAt,
  }
}

function explain({ event, type, reason }: EmailEvent): string {
  const said = reason === null ? '' : ` The mail server says: ${reason.slice(0, 500)}`
  if (event === 'dropped') {
    return `SendGrid did not send it, because this address bounced, complained or unsubscribed before: look at its suppressions.${said}`
  }
  if (type === 'blocked') return `The mail server of the recipient refused it for now: send it again later.${said}`
  return `The address cannot be reached: correct it.${said}`
}

async function applyInbound(
  ctx: Context<SystemActor>,
  { body, headers, key, receivedAt }: StoredWebhook,
): Promise<Outcome> {
  const email = await readEmail(headers['content-type'] ?? '', body)
  const from = email && parseFrom(email)
  if (email === undefined || from === undefined) return 'ignored'
  const to = await findOwnAddress(ctx, email)
  if (to === undefined) return 'ignored'
  const { subject, html, inReplyTo, references, isAutomatic } = email
  const isOurs = await receiveMessage(ctx, {
    carrier: CARRIER,
    carrierId: email.messageId ?? key,
    transport: 'email',
    to,
    from: from.address,
    name: from.name,
    body: email.text?.trim() ? email.text : toText(html ?? ''),
    files: await keepFiles(ctx, email),
    email: { subject, html, inReplyTo, references, isAutomatic },
    receivedAt,
  })
  return isOurs ? 'applied' : 'ignored'
}

/** Undefined for what is no email: that will not change by trying again. */
async function readEmail(contentType: string, body: Buffer): Promise<InboundEmail | undefined> {
  try {
    return await parseInbound(contentType, body)
  } catch (error) {
    if (error instanceof AppError && error.kind === 'unprocessable') return undefined
    throw error
  }
}

function parseFrom({ from, envelope }: InboundEmail): { address: string; name: string | null } | undefined {
  for (const { address, name } of [from, { address: envelope.from ?? '', name: null }].filter((one) => one !== null)) {
    const parsed = tryParse(address)
    if (parsed !== undefined) return { address: parsed, name }
  }
  return undefined
}

/** The mailbox of ours that it came to: what the mail server was told counts, then what the headers say. */
async function findOwnAddress(ctx: Context, { envelope, to, cc }: InboundEmail): Promise<string | undefined> {
  for (const text of [...envelope.to, ...[...to, ...cc].map(({ address }) => address)].slice(0, 100)) {
    const address = tryParse(text)
    if (address === undefined) continue
    if ((await findSenderByAddress(ctx.db, { transport: 'email', address })) !== undefined) return address
  }
  return undefined
}

function tryParse(text: string): string | undefined {
  try {
    return parseEmailAddress(text, 'address').value
  } catch {
    return undefined
  }
}

async function keepFiles(ctx: Context, { attachments }: InboundEmail): Promise<Attachment[]> {
  const files: Attachment[] = []
  for (const { name, contentType, bytes } of attachments) {
    if (bytes.length === 0) continue
    files.push(await keepFile(ctx, { name, contentType, bytes: oneChunk(bytes), uploaderUserId: null }))
  }
  return files
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

function firstOf(header: KnockingWebhook['headers'][string]): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}

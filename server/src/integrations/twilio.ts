import type { SystemActor } from '../core/actor.ts'
import type { Context } from '../core/context.ts'
import { extensionOf } from '../core/files/file-name.ts'
import { keepFile } from '../core/files/keep-file.ts'
import { receiveMessage } from '../core/inbound/receive-message.ts'
import type { DeliveryReport } from '../core/inbound/receive-reports.ts'
import { receiveReports } from '../core/inbound/receive-reports.ts'
import { fingerprint } from '../core/inbound-webhooks/fingerprint.ts'
import type { Outcome, StoredWebhook } from '../core/inbound-webhooks/schema.ts'
import type { Attachment } from '../core/messages/schema.ts'
import { findSenderByAddress } from '../core/senders/queries.ts'
import { headerOf, type KnockingWebhook, type WebhookDoor } from '../http/webhook-doors.ts'
import type { Timestamp } from '../platform/clock.ts'
import { createTwilioCarrier, type TwilioCarrier } from '../providers/twilio/carrier.ts'
import { type InboundMessage, parseInbound } from '../providers/twilio/parse-inbound.ts'
import { parseStatus } from '../providers/twilio/parse-status.ts'
import { verifySignature } from '../providers/twilio/signature.ts'
import type { Integration } from './integration.ts'

export type TwilioIntegrationOptions = {
  accountSid: string
  authToken: string
  /** Null for Twilio's own. */
  baseUrl: string | null
  /** E.164; null where nothing is sent over SMS. */
  smsFrom: string | null
  whatsappFrom: string | null
  /** Where Twilio reaches us; null where it cannot. */
  publicUrl(): string | null
}

const CARRIER = 'twilio'
const PATH = '/api/v1/webhooks/twilio'
const MESSAGE = 'twilio.message'
const STATUS = 'twilio.status'
// A form of Twilio's has a few kilobytes: a text of 1,600 characters, each of up to twelve bytes, and its fields.
const BODY_BYTES_MAX = 262_144
const TWIML = {
  contentType: 'text/xml; charset=utf-8',
  body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
}
const NOTHING = { contentType: 'text/plain; charset=utf-8', body: '' }

/** SMS and WhatsApp over Twilio. */
export function integrateTwilio(options: TwilioIntegrationOptions): Integration {
  const { accountSid, authToken, baseUrl, smsFrom, whatsappFrom, publicUrl } = options
  const isSigned = (webhook: KnockingWebhook) => {
    const { url, body } = webhook
    const signature = headerOf(webhook, 'x-twilio-signature')
    const isForm = headerOf(webhook, 'content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded')
    const signed = isForm ? { form: readForm(body) } : { raw: body }
    return verifySignature({ authToken, signature, url, body: signed })
  }
  const door = (path: string, kind: string): WebhookDoor => ({
    path: `${PATH}${path}`,
    kind,
    isSigned,
    keyOf: kind === MESSAGE ? keyOfMessage : keyOfStatus,
    keepHeaders: ['content-type', 'i-twilio-idempotency-token'],
    bodyBytesMax: BODY_BYTES_MAX,
    answer: kind === MESSAGE ? TWIML : NOTHING,
  })
  const carrier = createTwilioCarrier({ accountSid, authToken, ...(baseUrl !== null && { baseUrl }) })
  return {
    carrier,
    doors: [
      door('/sms', MESSAGE),
      door('/whatsapp', MESSAGE),
      door('/sms/status', STATUS),
      door('/whatsapp/status', STATUS),
    ],
    appliers: {
      [MESSAGE]: (ctx, stored) => applyMessage(ctx, stored, carrier),
      [STATUS]: { applyMany: applyStatuses },
    },
    senders: [
      ...(smsFrom === null ? [] : [{ transport: 'sms' as const, address: smsFrom, carrier: CARRIER }]),
      ...(whatsappFrom === null ? [] : [{ transport: 'whatsapp' as const, address: whatsappFrom, carrier: CARRIER }]),
    ],
    statusUrl: ({ transport }) => {
      const base = publicUrl()
      return base === null ? null : `${base.replace(/\/+$/, '')}${PATH}/${transport}/status`
    },
  }
}

async function applyMessage(
  ctx: Context<SystemActor>,
  { body, receivedAt }: StoredWebhook,
  carrier: TwilioCarrier,
): Promise<Outcome> {
  const inbound = parseInbound(readForm(body))
  if (inbound === undefined || inbound.transport === null) return 'ignored'
  const { sid, transport, to, from, profileName, button, media } = inbound
  // Nothing is fetched for a number that is not ours.
  if ((await findSenderByAddress(ctx.db, { transport, address: to })) === undefined) return 'ignored'
  const isOurs = await receiveMessage(ctx, {
    carrier: CARRIER,
    carrierId: sid,
    transport,
    to,
    from,
    name: profileName,
    body: inbound.body === '' ? (button?.text ?? '') : inbound.body,
    files: await fetchFiles(ctx, { media, receivedAt, carrier }),
    email: null,
    receivedAt,
  })
  return isOurs ? 'applied' : 'ignored'
}

/** How long a message waits for a file of it that cannot be fetched, in milliseconds: then it comes without. */
const WAIT_FOR_FILES_MS = 10 * 60_000
const FETCH_TIMEOUT_MS = 30_000

type FetchFiles = { media: InboundMessage['media']; receivedAt: Timestamp; carrier: TwilioCarrier }

async function fetchFiles(ctx: Context, { media, receivedAt, carrier }: FetchFiles): Promise<Attachment[]> {
  const files: Attachment[] = []
  for (const [i, { url, contentType }] of media.entries()) {
    const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS)
    const fetched = await carrier.fetchMedia({ url, bytesMax: ctx.ports.files.bytesMax, signal })
    if (fetched.outcome === 'fetched') {
      const type = fetched.contentType ?? contentType ?? 'application/octet-stream'
      const name = `file-${i + 1}${extensionOf(type)}`
      files.push(await keepFile(ctx, { name, contentType: type, bytes: fetched.stream, uploaderUserId: null }))
      continue
    }
    const isLate = Date.parse(ctx.now()) - Date.parse(receivedAt) > WAIT_FOR_FILES_MS
    if (!fetched.isFinal && !isLate) throw new Error(`A file could not be fetched yet: ${fetched.reason}.`)
    ctx.log.warn({ reason: fetched.reason }, 'a file of a message could not be fetched')
  }
  return files
}

async function applyStatuses(ctx: Context<SystemActor>, stored: readonly StoredWebhook[]): Promise<Outcome[]> {
  const reports = stored.map(readReport)
  const known = await receiveReports(
    ctx,
    reports.filter((report) => report !== undefined),
  )
  return reports.map((report) => (report !== undefined && known.shift() ? 'applied' : 'ignored'))
}

/** Undefined for what says nothing that we did not know, or that we do not understand. */
function readReport({ url, body, receivedAt, key }: StoredWebhook): DeliveryReport | undefined {
  const report = parseStatus(readForm(body), new URL(url).searchParams)
  if (report === undefined || report.state === null || report.state === 'queued') return undefined
  const { sid, deliveryId, state, status, errorCode, errorMessage, advice } = report
  return {
    carrier: CARRIER,
    deliveryId,
    carrierId: sid,
    to: null,
    status: state,
    carrierStatus: status,
    code: errorCode,
    reason: advice ?? errorMessage,
    key,
    occurredAt: receivedAt,
  }
}

function keyOfMessage({ body }: KnockingWebhook): string {
  return readForm(body).get('MessageSid') ?? fingerprint(body)
}

function keyOfStatus({ url, body }: KnockingWebhook): string {
  const report = parseStatus(readForm(body), new URL(url).searchParams)
  return report === undefined ? fingerprint(body) : `${report.sid} ${report.status}`
}

function readForm(body: Buffer): URLSearchParams {
  return new URLSearchParams(body.toString('utf8'))
}

import { createHash } from 'node:crypto'
import { invalidField } from '../../core/errors.ts'

/** What became of an email, as SendGrid reports it. Addresses and programs of readers are left out. */
export type EmailEvent = {
  /** Names the event; the same in a repeat. */
  id: string
  /** `processed`, `delivered`, `open`, `click`, `bounce`, `dropped`, `deferred`, …; also ones that we do not know. */
  event: string
  /** Our delivery, from the custom argument; null for an email that another program sent. */
  deliveryId: string | null
  /** What the handover was given as the id; null where the event names none. */
  carrierId: string | null
  /** The Message-ID that the email went out with, without brackets. */
  messageId: string | null
  /** Whom it is about: of an email with copies, each recipient has events of their own. */
  email: string | null
  /** When, in ISO 8601; null where SendGrid did not say. */
  at: string | null
  /** Why it bounced, was dropped or deferred, or what the receiving server answered. */
  reason: string | null
  /** The enhanced status code, as `5.1.1`. */
  status: string | null
  /** Of a bounce: `bounce`, or `blocked` where the address itself is good. */
  type: string | null
  url: string | null
  /** An open by Apple's proxy, which opens everything: no sign of a reader. */
  isMachineOpen: boolean
}

/** A batch of SendGrid has at most 768 kB. */
const EVENTS_MAX = 10_000
const TEXT_CHARACTERS_MAX = 2_000

/**
 * Reads the body of an Event Webhook. What is no event is left out and counted, and never costs the others. Throws
 * `invalid_request` where the whole is no JSON list.
 *
 * @see https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
 */
export function parseEvents(raw: Buffer): { events: EmailEvent[]; malformedCount: number } {
  const list = parseList(raw)
  const events = list.map(parseEvent).filter((event) => event !== undefined)
  return { events, malformedCount: list.length - events.length }
}

function parseList(raw: Buffer): unknown[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(raw.toString('utf8'))
  } catch {
    throw invalidField('body', 'must be JSON')
  }
  const list = Array.isArray(parsed) ? parsed : [parsed]
  if (list.length > EVENTS_MAX) throw invalidField('body', `must hold at most ${EVENTS_MAX} events`)
  return list
}

function parseEvent(value: unknown): EmailEvent | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Record<string, unknown>
  const read = (name: string) => parseText(fields[name])
  const event = read('event')
  if (event === null) return undefined
  const sgMessageId = read('sg_message_id')
  return {
    id: read('sg_event_id') ?? makeId(fields),
    event,
    deliveryId: read('delivery'),
    carrierId: sgMessageId === null ? null : carrierIdOf(sgMessageId),
    messageId: read('smtp-id')?.replace(/^<|>$/g, '') ?? null,
    email: read('email'),
    at: parseSeconds(fields.timestamp),
    reason: read('reason') ?? read('response'),
    status: read('status'),
    type: read('type'),
    url: read('url'),
    isMachineOpen: fields.sg_machine_open === true,
  }
}

/** `sg_message_id` is the X-Message-Id of the request, and behind it which machines and which recipient. */
function carrierIdOf(sgMessageId: string): string {
  const end = sgMessageId.search(/\.(filter|recvd)/)
  return end > 0 ? sgMessageId.slice(0, end) : sgMessageId.split('.')[0]!
}

/** Events from before 2014 and forwarded ones have no id: then what is in them has to do. */
function makeId(fields: Record<string, unknown>): string {
  const parts = ['event', 'email', 'timestamp', 'smtp-id', 'sg_message_id', 'url', 'attempt'].map(
    (name) => fields[name],
  )
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

/** No NUL, which the database cannot hold. */
function parseText(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text === '') return null
  return text.slice(0, TEXT_CHARACTERS_MAX).replaceAll('\0', '\ufffd')
}

function parseSeconds(value: unknown): string | null {
  const date = new Date(Number(value ?? Number.NaN) * 1_000)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

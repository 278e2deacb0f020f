// The events that SendGrid posts of a mail, with its field names, and their signature.

import { createHash, type KeyObject, sign } from 'node:crypto'

export type SentMail = {
  /** The X-Message-Id of the answer. */
  id: string
  /** How large the request was. */
  bytes: number
  /** What was posted. */
  body: Record<string, unknown>
  recipients: string[]
  customArgs: Record<string, string>
  smtpId: string
}

export type EventKind =
  | 'processed'
  | 'deferred'
  | 'delivered'
  | 'open'
  | 'click'
  | 'bounce'
  | 'blocked'
  | 'dropped'
  | 'spamreport'
  | 'unsubscribe'
  | 'group_unsubscribe'
  | 'group_resubscribe'

export type SendgridEvent = Record<string, unknown>

const READER = { ip: '192.0.2.7', useragent: 'Mozilla/5.0 (X11; Linux x86_64)' }
const DETAILS: Record<EventKind, SendgridEvent> = {
  processed: { send_at: 0 },
  deferred: { response: '451 4.7.1 Try again later', attempt: '1', ip: '192.0.2.25' },
  delivered: { response: '250 2.0.0 OK', ip: '192.0.2.25', tls: 1 },
  open: { ...READER, sg_machine_open: false, sg_content_type: 'html' },
  click: { ...READER, url: 'https://example.com/offer', url_offset: { index: 0, type: 'html' } },
  bounce: { reason: '550 5.1.1 No such user', status: '5.1.1', type: 'bounce', ip: '192.0.2.25', tls: 1 },
  blocked: { event: 'bounce', reason: '552 5.2.2 Mailbox is full', status: '5.2.2', type: 'blocked', tls: 1 },
  dropped: { reason: 'Bounced Address', status: '5.0.0' },
  spamreport: {},
  unsubscribe: {},
  group_unsubscribe: { ...READER, url: 'https://example.com/asm', asm_group_id: 10 },
  group_resubscribe: { ...READER, url: 'https://example.com/asm', asm_group_id: 10 },
}

/** The same mail, recipient and kind give the same `sg_event_id`. Custom arguments stand beside the fields, as SendGrid has it. */
export function makeEvent(mail: SentMail, kind: EventKind, email = mail.recipients[0]!): SendgridEvent {
  return {
    email,
    timestamp: Math.floor(Date.now() / 1_000),
    'smtp-id': mail.smtpId,
    event: kind,
    sg_event_id: createHash('sha256').update(`${mail.id} ${kind} ${email}`).digest('base64url').slice(0, 32),
    sg_message_id: `${mail.id}.recvd-5f8d9c6b7-abcde-1-66000000-1.0`,
    ...mail.customArgs,
    ...DETAILS[kind],
  }
}

/** A batch as it travels: CRLF between the events and at the end. */
export function writeBatch(events: readonly SendgridEvent[]): string {
  return `[${events.map((event) => JSON.stringify(event)).join(',\r\n')}]\r\n`
}

export function signBatch(body: string, key: KeyObject, timestamp: string): string {
  return sign('sha256', Buffer.from(timestamp + body), key).toString('base64')
}

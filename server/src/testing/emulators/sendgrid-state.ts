import type { KeyObject } from 'node:crypto'
import type { EventKind, SentMail } from './sendgrid-events.ts'

/** What goes wrong with a request to mail/send. */
export type SendgridFault =
  /** Answered so, with SendGrid's JSON unless another body is given. Nothing is accepted. */
  | { kind: 'answer'; status: number; body?: string; headers?: Record<string, string> }
  /** 429, with both headers that say how long to wait. */
  | { kind: 'rate_limited'; retryAfterSeconds: number }
  /** 5xx, though the mail was accepted: the outcome is not what the answer says. */
  | { kind: 'accept_and_fail'; status: number }
  /** The mail is accepted, and the connection cut before the answer. */
  | { kind: 'accept_and_cut' }
  /** The mail is accepted, and the connection cut in the middle of the answer's head. */
  | { kind: 'accept_and_cut_answer' }
  /** The connection is cut as soon as the request begins. */
  | { kind: 'cut' }
  /** Accepted and never answered. */
  | { kind: 'hang' }

export type SendgridState = {
  apiKey: string
  key: KeyObject
  /** The newest; older ones are forgotten. */
  sent: SentMail[]
  sentBytes: number
  faults: SendgridFault[]
  /** What is reported of each mail as soon as it is accepted. */
  plan: EventKind[]
  eventUrl: string | undefined
  inboundUrl: string | undefined
  /** Addresses that may be sent from; all where there are none. */
  verifiedSenders: string[]
  /** Posts under way. */
  pending: Set<Promise<unknown>>
}

const SENT_MAX = 10_000
const SENT_BYTES_MAX = 128 * 1024 * 1024
const FAULTS_MAX = 10_000

export function remember(state: SendgridState, mail: SentMail): void {
  state.sent.push(mail)
  state.sentBytes += mail.bytes
  while (state.sent.length > SENT_MAX || state.sentBytes > SENT_BYTES_MAX) state.sentBytes -= state.sent.shift()!.bytes
}

export function planFaults(state: SendgridState, fault: SendgridFault, times: number): void {
  for (let time = 0; time < times && state.faults.length < FAULTS_MAX; time++) state.faults.push(fault)
}

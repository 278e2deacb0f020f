import { setTimeout as delay } from 'node:timers/promises'
import type { EmulatedMessage } from './twilio-messages.ts'
import { type EmulatorState, LOG_MAX, type Plan, runAside } from './twilio-state.ts'
import { bare } from './twilio-validate.ts'

const USUAL_SMS: Plan = { statuses: ['queued', 'sent', 'delivered'] }
const USUAL_WHATSAPP: Plan = { statuses: ['queued', 'sent', 'delivered', 'read'] }

/** Plays what becomes of a new message: before it resolves, aside, or once it is released. */
export async function startPlan(state: EmulatorState, message: EmulatedMessage): Promise<void> {
  const usual = isWhatsapp(message) ? USUAL_WHATSAPP : USUAL_SMS
  const plan = state.plan === undefined ? usual : state.plan
  if (plan === null) return
  const play = () => playPlan(state, message, plan)
  if (state.style.when === 'before_answer') return play()
  if (state.style.when === 'after_answer') return runAside(state, play)
  if (state.held.length < LOG_MAX) state.held.push(play)
}

async function playPlan(state: EmulatorState, message: EmulatedMessage, { statuses, errorCode }: Plan): Promise<void> {
  const { order } = state.style
  const last = statuses.at(-1)
  for (const status of order === 'reversed' ? statuses.toReversed() : statuses) {
    const code = status === last ? (errorCode ?? null) : null
    // The message itself only goes forward, whatever is told when.
    if (order === 'in_order' || status === last) setStatus(message, status, code)
    await reportStatus(state, message, { status, errorCode: code })
  }
}

export function setStatus(message: EmulatedMessage, status: string, errorCode: number | null): void {
  message.status = status
  message.errorCode = errorCode
  message.updatedAt = new Date()
}

export async function reportStatus(
  state: EmulatorState,
  message: EmulatedMessage,
  { status, errorCode }: { status: string; errorCode: number | null },
): Promise<void> {
  const { style, poster, closing } = state
  if (message.statusCallback === null) return
  for (let copy = 0; copy < style.copies; copy++) {
    if (style.delayMs > 0) await delay(style.delayMs, undefined, { signal: closing.signal })
    await poster.post(message.statusCallback, presentStatus(state, message, status, errorCode), style)
  }
}

function presentStatus(
  { accountSid }: EmulatorState,
  message: EmulatedMessage,
  status: string,
  errorCode: number | null,
): Record<string, string> {
  const isReceipt = status === 'delivered' || status === 'undelivered'
  return {
    SmsSid: message.sid,
    SmsStatus: status,
    MessageStatus: status,
    To: message.to,
    MessageSid: message.sid,
    AccountSid: accountSid,
    From: message.from ?? '',
    ApiVersion: '2010-04-01',
    ...(errorCode === null ? {} : { ErrorCode: String(errorCode) }),
    ...(isWhatsapp(message) ? presentChannel(message, status) : isReceipt ? { RawDlrDoneDate: '2601021206' } : {}),
  }
}

function presentChannel({ to }: EmulatedMessage, status: string): Record<string, string> {
  const eventType = { delivered: 'DELIVERED', read: 'READ', undelivered: 'UNDELIVERED', failed: 'UNDELIVERED' }[status]
  return {
    ChannelPrefix: 'whatsapp',
    ChannelToAddress: bare(to),
    ChannelInstallSid: `XE${'0'.repeat(32)}`,
    ...(status === 'sent' ? { StructuredMessage: 'false' } : {}),
    ...(eventType === undefined ? {} : { EventType: eventType }),
  }
}

function isWhatsapp({ to }: EmulatedMessage): boolean {
  return to.startsWith('whatsapp:')
}

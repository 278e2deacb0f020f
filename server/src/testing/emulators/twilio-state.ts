import type { IncomingHttpHeaders } from 'node:http'
import type { CallbackStyle, Poster } from './twilio-callbacks.ts'
import type { FaultQueue } from './twilio-faults.ts'
import type { MessageStore } from './twilio-messages.ts'

/** What becomes of each message: the statuses that it goes through, and the error that it ends with. */
export type Plan = { statuses: string[]; errorCode?: number }

/** A request as it came to the API. */
export type ReceivedRequest = {
  method: string
  path: string
  query: [string, string][]
  headers: IncomingHttpHeaders
  form: [string, string][]
}

/** What the parts of one emulator share. */
export type EmulatorState = {
  accountSid: string
  authToken: string
  /** Null for any. */
  ownNumbers: readonly string[] | null
  webhooks: { smsUrl: string | null; whatsappUrl: string | null }
  store: MessageStore
  createFaults: FaultQueue
  readFaults: FaultQueue
  poster: Poster
  style: CallbackStyle
  /** Undefined for the usual one of the channel, null for none. */
  plan: Plan | null | undefined
  /** `our number|their number` of those who have said STOP. */
  optOuts: Set<string>
  /** False while lists do not show any message, as Twilio's lag behind. */
  isListed: boolean
  requests: ReceivedRequest[]
  /** Callbacks that wait to be released. */
  held: (() => Promise<void>)[]
  /** What goes on after an answer. */
  running: Set<Promise<void>>
  /** Where the API is. */
  apiUrl: string
  /** Where the bytes of media lie. */
  mediaUrl: string
  closing: AbortController
}

/** Lists that only grow are cut at this. */
export const LOG_MAX = 10_000

/** Lets something go on by itself, and remembers it until it has ended. */
export function runAside(state: EmulatorState, work: () => Promise<void>): void {
  const running = work()
    // Only closing breaks it off.
    .catch(() => {})
    .finally(() => state.running.delete(running))
  state.running.add(running)
}

/**
 * Twilio's messaging API on loopback, over the same HTTP. Ownership: one emulator is one account, with two servers (the API and
 * the store of media) and all its messages in memory, bounded. Whatever it posts, it posts once. `close()` cuts every
 * connection and ends what goes on.
 */

import { handleApi, handleMedia } from './twilio-api.ts'
import { type CallbackStyle, createPoster, type PostedCallback, USUAL_CALLBACKS } from './twilio-callbacks.ts'
import { createFaultQueue, type Fault } from './twilio-faults.ts'
import { openListener } from './twilio-listener.ts'
import { createMessageStore, type EmulatedMessage } from './twilio-messages.ts'
import { type PersonWrites, type Received, receive } from './twilio-receive.ts'
import { type EmulatorState, type Plan, type ReceivedRequest, runAside } from './twilio-state.ts'
import { reportStatus, setStatus } from './twilio-statuses.ts'

export type TwilioEmulatorOptions = {
  accountSid?: string
  authToken?: string
  /** A free one unless said. */
  port?: number
  /** Where inbound messages are posted to. */
  smsUrl?: string
  whatsappUrl?: string
  /** The senders of the account, as in `whatsapp:+1…`; any sender unless said. */
  ownNumbers?: string[]
  /** So many messages are kept; 10,000 unless said. */
  messagesMax?: number
}

export type TwilioEmulator = {
  url: string
  accountSid: string
  authToken: string
  /** Oldest first. */
  messages(): EmulatedMessage[]
  /** What has come to the API, oldest first. */
  requests: readonly ReceivedRequest[]
  /** What was posted to us, in the order in which it ended. */
  callbacks: readonly PostedCallback[]
  setWebhooks(urls: { smsUrl?: string | null; whatsappUrl?: string | null }): void
  /** Lets the next requests fail: those that make messages, or those that read. */
  fail(fault: Fault, options?: { times?: number; on?: 'create' | 'read' }): void
  /** What becomes of messages from now on; null for nothing, undefined for the usual. */
  setPlan(plan: Plan | null | undefined): void
  /** How callbacks come from now on; what is left out is as usual. */
  setCallbacks(style: Partial<CallbackStyle>): void
  /** Posts what was held, in its order. */
  releaseCallbacks(): Promise<void>
  /** Sets and reports a message's status now; false for a message that is not there. */
  report(sid: string, status: string, errorCode?: number): Promise<boolean>
  /** A person writes to one of our numbers. */
  receive(written: PersonWrites): Promise<Received>
  /** Whether lists show messages; Twilio's own can lag. */
  setListed(isListed: boolean): void
  /** Connections are refused from now on. */
  goDown(): Promise<void>
  comeUp(): Promise<void>
  /** Waits for all callbacks that are under way. */
  untilQuiet(): Promise<void>
  /** Forgets all messages, faults and settings. */
  reset(): void
  close(): Promise<void>
}

export async function startTwilioEmulator(options: TwilioEmulatorOptions = {}): Promise<TwilioEmulator> {
  const state = createState(options)
  const api = await openListener((req, reply) => {
    // A connection that was cut under it.
    handleApi(state, req, reply).catch(() => reply.destroy())
  }, options.port)
  const media = await openListener((req, reply) => handleMedia(state, req, reply))
  state.apiUrl = api.url
  state.mediaUrl = media.url
  return {
    ...control(state),
    url: api.url,
    accountSid: state.accountSid,
    authToken: state.authToken,
    requests: state.requests,
    callbacks: state.poster.posted,
    goDown: api.goDown,
    comeUp: api.comeUp,
    async close() {
      state.closing.abort()
      await Promise.all([api.goDown(), media.goDown(), state.poster.close()])
      await Promise.all(state.running)
    },
  }
}

function createState(options: TwilioEmulatorOptions): EmulatorState {
  const authToken = options.authToken ?? 'emulated-auth-token'
  return {
    accountSid: options.accountSid ?? `AC${'0'.repeat(32)}`,
    authToken,
    ownNumbers: options.ownNumbers ?? null,
    webhooks: { smsUrl: options.smsUrl ?? null, whatsappUrl: options.whatsappUrl ?? null },
    store: createMessageStore(options.messagesMax ?? 10_000),
    createFaults: createFaultQueue(),
    readFaults: createFaultQueue(),
    poster: createPoster(authToken),
    style: USUAL_CALLBACKS,
    plan: undefined,
    optOuts: new Set(),
    isListed: true,
    requests: [],
    held: [],
    running: new Set(),
    apiUrl: '',
    mediaUrl: '',
    closing: new AbortController(),
  }
}

function control(state: EmulatorState) {
  return {
    messages: () => state.store.list(),
    setWebhooks(urls: Partial<EmulatorState['webhooks']>) {
      state.webhooks = { ...state.webhooks, ...urls }
    },
    fail(fault: Fault, { times = 1, on = 'create' }: { times?: number; on?: 'create' | 'read' } = {}) {
      const queue = on === 'create' ? state.createFaults : state.readFaults
      queue.add(fault, times)
    },
    setPlan(plan: Plan | null | undefined) {
      state.plan = plan
    },
    setCallbacks(style: Partial<CallbackStyle>) {
      state.style = { ...USUAL_CALLBACKS, ...style }
    },
    async releaseCallbacks() {
      for (const play of state.held.splice(0)) await play()
    },
    async report(sid: string, status: string, errorCode?: number) {
      const message = state.store.find(sid)
      if (message === undefined) return false
      setStatus(message, status, errorCode ?? null)
      await reportStatus(state, message, { status, errorCode: errorCode ?? null })
      return true
    },
    async receive(written: PersonWrites): Promise<Received> {
      const received = Promise.withResolvers<Received>()
      runAside(state, () => receive(state, written).then(received.resolve, received.reject))
      return received.promise
    },
    setListed(isListed: boolean) {
      state.isListed = isListed
    },
    async untilQuiet() {
      while (state.running.size > 0) await Promise.all(state.running)
    },
    reset() {
      state.store.clear()
      state.createFaults.clear()
      state.readFaults.clear()
      state.optOuts.clear()
      state.held.splice(0)
      state.requests.splice(0)
      state.poster.posted.splice(0)
      Object.assign(state, { style: USUAL_CALLBACKS, plan: undefined, isListed: true })
    },
  }
}

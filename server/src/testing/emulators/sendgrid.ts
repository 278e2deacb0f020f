// SendGrid, as far as we use it, on loopback: takes mails, reports what becomes of them in signed batches, and posts what
// comes in. Ownership: whoever starts it closes it. What it keeps is bounded; what it does on its own is what it was told.

import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { answerApi } from './sendgrid-api.ts'
import {
  type EventKind,
  makeEvent,
  type SendgridEvent,
  type SentMail,
  signBatch,
  writeBatch,
} from './sendgrid-events.ts'
import { type Inbound, makeInbound } from './sendgrid-inbound.ts'
import { planFaults, type SendgridFault, type SendgridState } from './sendgrid-state.ts'

export type SendgridEmulatorOptions = {
  port?: number
  apiKey?: string
  /** Where events go, and where emails that come in go. */
  eventUrl?: string
  inboundUrl?: string
}

export type PostEvents = {
  /** Instead of the URL that was set. */
  url?: string
  /** How often the same batch is posted. */
  times?: number
  /** The newest first. */
  reversed?: boolean
  lateMs?: number
  /** Signed with another key, or not at all. */
  signature?: 'right' | 'wrong' | 'none'
}

export type Posted = { status: number; body: string }

export type SendgridEmulator = {
  url: string
  apiKey: string
  /** The verification key, as SendGrid shows it. */
  publicKey: string
  /** The newest 10,000, oldest first. */
  sent(): readonly SentMail[]
  /** The next requests fail so. */
  fail(fault: SendgridFault, times?: number): void
  /** What is reported of each mail, by itself, from now on. */
  setPlan(events: EventKind[]): void
  setWebhooks(urls: { eventUrl?: string; inboundUrl?: string }): void
  setVerifiedSenders(addresses: string[]): void
  /** Reports on the mail with this X-Message-Id or with this delivery among its custom arguments. */
  report(mailId: string, events: EventKind[], how?: PostEvents): Promise<Posted[]>
  postEvents(events: SendgridEvent[], how?: PostEvents): Promise<Posted[]>
  /** An email comes in. */
  receive(inbound: Inbound, url?: string): Promise<Posted>
  /** Waits for what is posted by itself. */
  untilQuiet(): Promise<void>
  /** Refuses connections until `comeUp`, on the same port. */
  goDown(): Promise<void>
  comeUp(): Promise<void>
  close(): Promise<void>
}

const POST_TIMEOUT_MS = 10_000

export async function startSendgridEmulator(options: SendgridEmulatorOptions = {}): Promise<SendgridEmulator> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const stranger = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
  const state: SendgridState = {
    apiKey: options.apiKey ?? 'SG.test',
    key: privateKey,
    sent: [],
    sentBytes: 0,
    faults: [],
    plan: [],
    eventUrl: options.eventUrl,
    inboundUrl: options.inboundUrl,
    verifiedSenders: [],
    pending: new Set(),
  }

  async function postEvents(events: SendgridEvent[], how: PostEvents = {}): Promise<Posted[]> {
    if (how.lateMs) await delay(how.lateMs)
    const body = writeBatch(how.reversed ? events.toReversed() : events)
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const signature = signBatch(body, how.signature === 'wrong' ? stranger : state.key, timestamp)
    const headers = {
      'content-type': 'application/json;charset=utf-8',
      'user-agent': 'SendGrid Event API',
      ...(how.signature !== 'none' && {
        'x-twilio-email-event-webhook-signature': signature,
        'x-twilio-email-event-webhook-timestamp': timestamp,
      }),
    }
    const posted: Posted[] = []
    for (let time = 0; time < (how.times ?? 1); time++) {
      posted.push(await post(how.url ?? state.eventUrl, headers, body))
    }
    return posted
  }

  function play(mail: SentMail): void {
    if (state.plan.length === 0 || state.eventUrl === undefined) return
    const events = mail.recipients.flatMap((email) => state.plan.map((kind) => makeEvent(mail, kind, email)))
    const posting = postEvents(events).catch(() => [])
    state.pending.add(posting)
    posting.finally(() => state.pending.delete(posting))
  }

  const open = () => listen(state, play, port)
  let port = options.port ?? 0
  let server: Server | undefined = await open()
  port = (server.address() as AddressInfo).port
  const goDown = async () => {
    const closing = server
    server = undefined
    closing?.closeAllConnections()
    await new Promise((resolve) => (closing ? closing.close(resolve) : resolve(undefined)))
  }

  return {
    url: `http://127.0.0.1:${port}`,
    apiKey: state.apiKey,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    sent: () => state.sent,
    fail: (fault, times = 1) => planFaults(state, fault, times),
    setPlan(events) {
      state.plan = events
    },
    setWebhooks(urls) {
      state.eventUrl = urls.eventUrl ?? state.eventUrl
      state.inboundUrl = urls.inboundUrl ?? state.inboundUrl
    },
    setVerifiedSenders(addresses) {
      state.verifiedSenders = addresses
    },
    async report(mailId, events, how) {
      const mail = state.sent.findLast(({ id, customArgs }) => id === mailId || customArgs.delivery === mailId)
      if (mail === undefined) throw new Error(`There is no mail ${mailId}.`)
      return postEvents(
        events.map((kind) => makeEvent(mail, kind)),
        how,
      )
    },
    postEvents,
    receive(inbound, url = state.inboundUrl) {
      const { contentType, body } = makeInbound(inbound)
      return post(url, { 'content-type': contentType, 'user-agent': 'Sendlib/1.0' }, body)
    },
    async untilQuiet() {
      while (state.pending.size > 0) await Promise.all(state.pending)
    },
    goDown,
    async comeUp() {
      server ??= await open()
    },
    close: goDown,
  }
}

async function listen(state: SendgridState, onAccepted: (mail: SentMail) => void, port: number): Promise<Server> {
  const server = createServer((req, reply) => {
    // A request that was cut has nobody to answer to.
    answerApi(state, { req, reply, onAccepted }).catch(() => req.socket.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function post(url: string | undefined, headers: Record<string, string>, body: string | Buffer): Promise<Posted> {
  if (url === undefined) throw new Error('Nobody said where to post this.')
  const signal = AbortSignal.timeout(POST_TIMEOUT_MS)
  const reply = await fetch(url, {
    method: 'POST',
    headers,
    body: new Uint8Array(Buffer.from(body)),
    signal,
    redirect: 'manual',
  })
  return { status: reply.status, body: await reply.text() }
}

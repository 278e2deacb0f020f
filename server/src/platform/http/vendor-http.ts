// HTTP to one vendor whose address the operator chose. Unlike outgoing-http.ts it may reach private addresses, and it tells
// whether a request can have arrived, which decides whether it may be sent again. It never sends anything twice, follows no
// redirect, and keeps connections for the next request.

import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { Agent, type Dispatcher, request } from 'undici'
import { explainHttpError } from './explain-http-error.ts'

export type VendorHttpOptions = {
  /** `https://api.example.com`; a path in it goes before the path of each request. */
  baseUrl: string
  /** For the name, the connection and TLS, in milliseconds. */
  connectTimeoutMs?: number
  /** For all of a request, from the name to the last byte of the answer, in milliseconds. */
  timeoutMs?: number
  /** So much of an answer's body is read; a longer one is cut. */
  answerBytesMax?: number
  /** Requests at the same time; more wait, within their time. */
  connectionsMax?: number
}

export type VendorRequest = {
  method: 'GET' | 'POST' | 'DELETE'
  /** Begins with a slash; with its query. */
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Breaks the request off. */
  signal: AbortSignal
}

export type VendorAnswer = {
  status: number
  headers: IncomingHttpHeaders
  body: string
  /** False where the body is too long, broke off, or took too long; then `body` is its beginning. */
  isWhole: boolean
}

export type VendorFailure = {
  /** Whether at least a part of the request can have arrived. False only where surely nothing did. */
  wasWritten: boolean
  /** What went wrong, in words that may be shown. */
  failure: string
}

export type VendorDownload = {
  /** Any address: which ones may be asked, and with which headers, is for the caller to decide. */
  url: URL
  headers?: Record<string, string>
  /** For all of it, the body included, in milliseconds. */
  timeoutMs: number
  signal: AbortSignal
}

/** The body is to be read, or destroyed. It fails where it breaks off or its time is over. */
export type VendorStream = { status: number; headers: IncomingHttpHeaders; body: Readable }

export type VendorHttp = {
  /** Never throws for what the vendor or the network does. */
  send(request: VendorRequest): Promise<VendorAnswer | VendorFailure>
  /** GETs a file. Never throws for what the other side or the network does. */
  open(download: VendorDownload): Promise<VendorStream | VendorFailure>
  /** Breaks off what is under way. */
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000
const TIMEOUT_MS = 20_000
const ANSWER_BYTES_MAX = 1_048_576
const CONNECTIONS_MAX = 32
const RETRY_AFTER_MS_MAX = 86_400_000

/** Throws where the base URL is none. */
export function createVendorHttp(options: VendorHttpOptions): VendorHttp {
  const base = parseBaseUrl(options.baseUrl)
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const bytesMax = options.answerBytesMax ?? ANSWER_BYTES_MAX
  // An idle connection is left after four seconds unless the vendor says how long it keeps its end: a request on one that
  // is just being closed would end with nobody knowing whether it arrived.
  const agent = new Agent({
    connect: { timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS },
    connections: options.connectionsMax ?? CONNECTIONS_MAX,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: 16_384,
  })
  return {
    async send({ method, path, headers, body, signal }) {
      const timed = { method, headers, body, timeoutMs, signal }
      const reply = await start(agent, `${base}${path}`, timed)
      if ('failure' in reply) return reply
      return { status: reply.status, headers: reply.headers, ...(await readBody(reply.body, bytesMax)) }
    },
    open: ({ url, ...download }) => start(agent, url.href, { method: 'GET', ...download }),
    close: () => agent.destroy(),
  }
}

/** Whether the request got no answer at all. */
export function isFailure(reply: VendorAnswer | VendorStream | VendorFailure): reply is VendorFailure {
  return 'failure' in reply
}

/** How long an answer asks to wait, up to a day: `Retry-After` as seconds or as a date. Null where it does not say. */
export function readRetryAfterMs(headers: IncomingHttpHeaders, nowMs = Date.now()): number | null {
  const text = headers['retry-after']?.trim() ?? ''
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return Number.isFinite(ms) ? Math.ceil(Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX)) : null
}

function parseBaseUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(`must be a URL such as https://api.example.com, not ${JSON.stringify(text)}`)
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

type Timed = {
  method: VendorRequest['method']
  headers?: Record<string, string>
  body?: string | Uint8Array
  timeoutMs: number
  signal: AbortSignal
}

async function start(agent: Agent, url: string, timed: Timed): Promise<VendorStream | VendorFailure> {
  const { method, headers, body, timeoutMs } = timed
  let wasWritten = false
  const dispatcher = agent.compose(
    watchStart(() => {
      wasWritten = true
    }),
  )
  const signal = AbortSignal.any([timed.signal, AbortSignal.timeout(timeoutMs)])
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
  try {
    const reply = await request(url, { dispatcher, method, headers, body, signal, ...timeouts })
    return { status: reply.statusCode, headers: reply.headers, body: reply.body }
  } catch (error) {
    return { wasWritten, failure: timed.signal.aborted ? 'the request was broken off' : explain(error) }
  }
}

/** undici says that a request starts just before it writes the first byte of it, and never before it has a connection. */
function watchStart(onStart: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        onStart()
        handler.onRequestStart?.(controller, context)
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    })
}

async function readBody(stream: Readable, bytesMax: number): Promise<{ body: string; isWhole: boolean }> {
  const chunks: Buffer[] = []
  let bytes = 0
  let isWhole = true
  try {
    for await (const chunk of stream) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes <= bytesMax) continue
      // Leaving the loop ends the connection: the rest is not waited for.
      isWhole = false
      break
    }
  } catch {
    isWhole = false
  }
  return { body: Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8'), isWhole }
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // The name server did not answer, which is not the same as a name without an address.
  return code === 'EAI_AGAIN' ? 'the host name could not be looked up' : explainHttpError(error)
}

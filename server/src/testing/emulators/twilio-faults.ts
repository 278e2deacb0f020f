import type { ServerResponse } from 'node:http'

/** What goes wrong with a request instead of its answer. Where `isAccepted`, the message is made all the same. */
export type Fault =
  /** 429, with this `Retry-After`. The message is never made. */
  | { kind: 'rate_limited'; retryAfter?: string }
  /** An error of Twilio's API. */
  | { kind: 'refused'; status: number; code: number; message: string }
  | { kind: 'server_error'; status: number; isAccepted?: boolean }
  /** The connection stays open, and nothing comes. */
  | { kind: 'no_answer'; isAccepted?: boolean }
  /** The connection is cut before the answer, in its headers, or in its body. */
  | { kind: 'cut'; at: 'start' | 'headers' | 'body'; isAccepted?: boolean }
  /** A page of HTML, as something between might answer. */
  | { kind: 'no_json'; status: number; isAccepted?: boolean }

export type FaultQueue = {
  add(fault: Fault, times: number): void
  take(): Fault | undefined
  clear(): void
}

const FAULTS_MAX = 10_000

export function createFaultQueue(): FaultQueue {
  const faults: Fault[] = []
  return {
    add(fault, times) {
      for (let i = 0; i < times && faults.length < FAULTS_MAX; i++) faults.push(fault)
    },
    take: () => faults.shift(),
    clear: () => void faults.splice(0),
  }
}

export function isAccepted(fault: Fault | undefined): boolean {
  return fault === undefined || ('isAccepted' in fault && fault.isAccepted === true)
}

/** An answer of the API's, as it is written. */
export type Answer = { status: number; headers?: Record<string, string>; body: string }

/** Spoils an answer. `made` is what would have been answered. */
export function answerFault(reply: ServerResponse, fault: Fault, made: Answer): void {
  if (fault.kind === 'no_answer') return
  if (fault.kind === 'cut') cut(reply, fault.at, made.body)
  else write(reply, presentFault(fault))
}

function presentFault(fault: Exclude<Fault, { kind: 'no_answer' | 'cut' }>): Answer {
  switch (fault.kind) {
    case 'rate_limited': {
      const answer = presentError({ status: 429, code: 20429, message: 'Too Many Requests' })
      const { retryAfter } = fault
      return retryAfter === undefined
        ? answer
        : { ...answer, headers: { ...answer.headers, 'retry-after': retryAfter } }
    }
    case 'refused':
      return presentError(fault)
    case 'server_error': {
      const code = fault.status === 503 ? 20503 : 20500
      return presentError({ status: fault.status, code, message: 'An internal server error has occurred' })
    }
    case 'no_json':
      return { status: fault.status, headers: { 'content-type': 'text/html' }, body: '<html>Twilio is not here</html>' }
  }
}

export function presentError({ status, code, message }: { status: number; code: number; message: string }): Answer {
  return presentJson(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
}

export function presentJson(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

export function write(reply: ServerResponse, { status, headers, body }: Answer): void {
  reply.writeHead(status, headers).end(body)
}

function cut(reply: ServerResponse, at: 'start' | 'headers' | 'body', made: string): void {
  const socket = reply.socket
  if (at === 'start') socket?.resetAndDestroy()
  if (at === 'start' || socket === null) return
  const head = `HTTP/1.1 201 CREATED\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(made)}\r\n`
  // The bytes are given time to leave: a reset could overtake them.
  socket.end(at === 'headers' ? head : `${head}\r\n${made.slice(0, made.length / 2)}`)
}

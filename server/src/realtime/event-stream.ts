import type { ServerResponse } from 'node:http'
import { answerClosing, type Headers } from './closing-status.ts'
import type { Transport } from './outlet.ts'
import type { Close } from './protocol.ts'

/** Each frame is one event; the last carries the cursor as its id, which EventSource sends back as Last-Event-ID. */
export function encodeEventStream(texts: readonly string[], cursor: string | null): Buffer {
  const last = texts.length - 1
  const events = texts.map((text, i) => `${i === last && cursor !== null ? `id: ${cursor}\n` : ''}data: ${text}\n\n`)
  return Buffer.from(events.join(''))
}

type EventStreamOptions = { response: ServerResponse; headers: Headers }

/** Server-sent events as a connection. */
export class EventStream implements Transport {
  readonly #response: ServerResponse
  readonly #headers: Headers

  constructor({ response, headers }: EventStreamOptions) {
    this.#response = response
    this.#headers = headers
  }

  get bufferedBytes(): number {
    return this.#response.writableLength
  }

  write(bytes: Buffer): boolean {
    if (!this.#response.headersSent) this.#begin()
    return this.#response.write(bytes)
  }

  /** Something to read, so that proxies keep the connection. */
  beat(): void {
    if (this.#response.headersSent) this.#response.write(': beat\n\n')
  }

  close(close: Close): void {
    if (this.#response.headersSent) {
      const frame = JSON.stringify({ op: 'close', d: { code: close.code, reason: close.reason } })
      this.#response.end(encodeEventStream([frame], null))
    } else answerClosing(this.#response, this.#headers, close)
  }

  #begin() {
    this.#response.writeHead(200, {
      ...this.#headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // nginx holds answers back otherwise.
      'x-accel-buffering': 'no',
    })
  }
}

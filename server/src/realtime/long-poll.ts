import type { ServerResponse } from 'node:http'
import { answerClosing, type Headers } from './closing-status.ts'
import type { Transport } from './outlet.ts'
import { CLOSE, type Close, type Skin } from './protocol.ts'

/** Frames as elements of a JSON list. */
export function encodePoll(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `,${text}`).join(''))
}

/** Who polls with a cursor knows their streams: `ready` names them only where they begin or begin anew. */
export function pollSkin(skin: Skin): Skin {
  return {
    ...skin,
    ready: (ready, re) => skin.ready(ready.resumed ? { ...ready, streams: [] } : ready, re),
    // No news: a poll waits on.
    passing: () => null,
    reconnect: () => null,
  }
}

export type LongPollOptions = {
  response: ServerResponse
  headers: Headers
  waitMs: number
  /** The cursor after all that was written. */
  place(): string
  onAnswered(): void
}

/**
 * A connection that ends with its first news: it answers with `ready` and the events that were missed, or waits for
 * the next ones.
 */
export class LongPoll implements Transport {
  readonly bufferedBytes = 0
  readonly #options: LongPollOptions
  readonly #written: string[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: LongPollOptions) {
    this.#options = options
    options.response.on('close', () => clearTimeout(this.#timer))
  }

  write(bytes: Buffer): boolean {
    this.#written.push(bytes.toString())
    if (this.#options.waitMs === 0 || this.#hasNews()) this.#answer()
    else this.#timer ??= setTimeout(() => this.#answer(), this.#options.waitMs)
    return true
  }

  close(close: Close): void {
    const isRefused = close.code === CLOSE.signedOut.code || this.#written.length === 0
    clearTimeout(this.#timer)
    if (isRefused) answerClosing(this.#options.response, this.#options.headers, close)
    else this.#answer()
  }

  /** Anything but a `ready` that says to go on. */
  #hasNews(): boolean {
    if (this.#written.length > 1) return true
    const [ready, ...events] = JSON.parse(`[${this.#written[0]!.slice(1)}]`) as [{ d: { resumed: boolean } }]
    return events.length > 0 || !ready.d.resumed
  }

  #answer() {
    clearTimeout(this.#timer)
    const { response, headers, place, onAnswered } = this.#options
    if (response.headersSent) return
    const frames = this.#written.join('').slice(1)
    response.writeHead(200, {
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    })
    response.end(`{"frames":[${frames}],"cursor":${JSON.stringify(place())}}`)
    onAnswered()
  }
}

// A client of rt.v1 as docs/api/realtime.md tells to write one. It follows everything that its user follows, applies
// every event once and in order, pages what it missed, and comes back with its cursor when the connection ends, until
// `close`. What it must page stays remembered over connections.

import { EventEmitter, once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { RtFollowing, type RtFollowingOptions, type RtPage, type RtReady } from './rt-following.ts'
import type { RtEvent } from './rt-state.ts'
import { openRtSocket, type RtConnection, type RtFrame, type RtTransport } from './rt-transport.ts'

export type RtAnswer = {
  re: number
  ok: boolean
  d: Record<string, unknown>
  err?: { code: string; retry: boolean }
}

export type RtClientOptions = RtFollowingOptions & {
  /** The server's `ws://…` address, asked for every time: a restarted server may have another one. */
  url(): string
  token(): string | Promise<string>
  /** How long to wait before coming back, unless the server says. */
  reconnectMs?: number
  /** How to connect, asked for every time; the socket of rt.v1 unless said. */
  transport?(): RtTransport
}

const FATAL = new Set([4400, 4401, 4403, 4413, 4426])
const RETRY_MS = 20

export class RtClient extends RtFollowing {
  /** How often something was missing and had to be paged. */
  pages = 0
  readonly closeCodes: number[] = []
  readonly #options: RtClientOptions
  readonly #changes = new EventEmitter()
  readonly #requests = new Map<number, PromiseWithResolvers<RtAnswer>>()
  #connection: RtConnection | undefined
  #nextId = 1
  #pager: Promise<void> | undefined
  #afterMs: number | undefined
  #isAway = false
  #isClosed = false

  constructor(options: RtClientOptions) {
    super(options)
    this.#options = options
    this.#changes.setMaxListeners(0)
  }

  /** Connects, and stays connected until `close`. Resolves with the first `ready`. */
  async connect(): Promise<RtReady> {
    void this.#stayConnected()
    await this.until(() => this.ready !== undefined || this.#isClosed)
    if (this.ready === undefined) throw new Error(`The server closed the connection with ${this.closeCodes.at(-1)}.`)
    return this.ready
  }

  /** Resolves when something that the client knows makes `isSo` true. */
  async until(isSo: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!isSo()) await once(this.#changes, 'change', { ...(signal && { signal }) })
  }

  /** Resolves when every stream of `heads` is applied up to there, and nothing is left to page. */
  async untilCaughtUp(heads: Iterable<[string, number]>, signal?: AbortSignal): Promise<void> {
    const wanted = [...heads]
    const isThere = ([id, head]: [string, number]) => (this.last.get(id) ?? 0) >= head
    await this.until(() => this.behind.size === 0 && wanted.every(isThere), signal)
  }

  /** Sends a request and resolves with its answer; rejects where the connection ends before. */
  async request(op: string, d: object = {}): Promise<RtAnswer> {
    const id = this.#nextId++
    if (this.#connection === undefined) throw new Error('Not connected.')
    this.#connection.send(JSON.stringify({ id, op, d }))
    const answer = Promise.withResolvers<RtAnswer>()
    this.#requests.set(id, answer)
    return answer.promise
  }

  /** Cuts the connection without a word; the client comes back. */
  drop(): void {
    this.#connection?.terminate()
  }

  /** Cuts the connection; the client stays away until `comeBack`. */
  goAway(): void {
    this.#isAway = true
    this.drop()
  }

  comeBack(): void {
    this.#isAway = false
    this.#changes.emit('change')
  }

  close(): void {
    this.#isClosed = true
    this.drop()
    this.#changes.emit('change')
  }

  async #stayConnected(): Promise<void> {
    while (!this.#isClosed) {
      const code = await this.#connectOnce()
      this.closeCodes.push(code)
      for (const request of this.#requests.values()) request.reject(new Error(`The connection ended with ${code}.`))
      this.#requests.clear()
      if (FATAL.has(code)) this.#isClosed = true
      this.#changes.emit('change')
      if (!this.#isClosed) await delay(this.#afterMs ?? this.#options.reconnectMs ?? 20)
      this.#afterMs = undefined
      await this.until(() => !this.#isAway || this.#isClosed)
    }
  }

  /** One connection from beginning to end; resolves with its close code. */
  async #connectOnce(): Promise<number> {
    const { url, transport } = this.#options
    const token = await this.#options.token()
    let own: RtConnection | undefined
    const code = await (transport?.() ?? openRtSocket)({
      url: url(),
      token,
      cursor: this.cursor,
      opened: (connection) => {
        own = connection
        this.#connection = connection
        if (this.#isAway || this.#isClosed) connection.terminate()
      },
      take: (frame) => {
        if (this.#connection === own && !this.#isClosed && !this.#isAway) this.#take(frame)
      },
    })
    this.#connection = undefined
    return code
  }

  #take(frame: RtFrame) {
    if (frame.op === 'ready') this.begin(frame.d as RtReady)
    else if (frame.op === 'ev') this.takeEvent(frame as unknown as RtEvent)
    else if (frame.op === 'reconnect') this.#afterMs = (frame.d as { after_ms: number }).after_ms
    else if (frame.re !== undefined) {
      this.#requests.get(frame.re)?.resolve(frame as unknown as RtAnswer)
      this.#requests.delete(frame.re)
    }
    this.#page()
    this.#changes.emit('change')
  }

  /** Pages what is behind, one page after the other; a lost connection leaves the rest for the next one. */
  #page() {
    if (this.behind.size === 0) return
    this.#pager ??= this.#pageAll()
      .catch(() => {})
      .finally(() => {
        this.#pager = undefined
        this.#changes.emit('change')
      })
  }

  async #pageAll(): Promise<void> {
    for (;;) {
      const next = this.behind.values().next().value
      if (next === undefined) return
      const { stream } = next
      this.pages++
      const answer = await this.request('page', { stream, after: this.last.get(stream) ?? 0 })
      if (answer.ok) this.takePage(next, answer.d as RtPage)
      else if (answer.err?.retry) await delay(RETRY_MS)
      // Where it was joined anew meanwhile, the refusal was of before.
      else if (this.behind.get(stream) === next) this.forget(stream)
    }
  }
}

// A client of rt.v1 as docs/api/realtime.md tells to write one. It follows everything that its user follows, applies
// every event once and in order, pages what it missed, and comes back with its cursor when the connection ends, until
// `close`. What it must page stays remembered over connections.

import { EventEmitter, once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type RtEvent, RtState } from './rt-state.ts'

export type RtStream = { id: string; kind: string; head: number; read: number; unread: number; mentions: number }

export type RtReady = {
  session: string
  me: { id: string }
  cursor: string
  resumed: boolean
  streams: RtStream[]
  gap?: string[]
}

export type RtAnswer = { re: number; ok: boolean; d: Record<string, unknown>; err?: { code: string; retry: boolean } }

export type RtClientOptions = {
  /** The server's `ws://…` address, asked for every time: a restarted server may have another one. */
  url(): string
  token(): string | Promise<string>
  /** Also what stood there before the first connection, by paging every stream from its beginning. */
  withHistory?: boolean
  /** How long to wait before coming back, unless the server says. */
  reconnectMs?: number
}

type RtPage = { events: RtEvent[]; more: boolean }

const FATAL = new Set([4400, 4401, 4403, 4413, 4426])

type Frame = { op?: string; re?: number } & Record<string, unknown>

export class RtClient {
  readonly state = new RtState()
  /** The last `q` applied of each stream. */
  readonly last = new Map<string, number>()
  /** How often events came a second time. */
  repeats = 0
  /** How often something was missing and had to be paged. */
  pages = 0
  readonly closeCodes: number[] = []
  /** Streams of which events were gone when they were to be paged. */
  readonly skipped: string[] = []
  cursor: string | undefined
  ready: RtReady | undefined
  readonly #options: RtClientOptions
  readonly #changes = new EventEmitter()
  /** Streams to page, and up to which `q` at least. */
  readonly #behind = new Map<string, number>()
  readonly #requests = new Map<number, PromiseWithResolvers<RtAnswer>>()
  #socket: WebSocket | undefined
  #nextId = 1
  #pager: Promise<void> | undefined
  #afterMs: number | undefined
  #isClosed = false

  constructor(options: RtClientOptions) {
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
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await once(this.#changes, 'change')
  }

  /** Resolves when every stream of `heads` is applied up to there, and nothing is left to page. */
  async untilCaughtUp(heads: Iterable<[string, number]>): Promise<void> {
    const wanted = [...heads]
    await this.until(() => this.#behind.size === 0 && wanted.every(([id, head]) => (this.last.get(id) ?? 0) >= head))
  }

  /** Sends a request and resolves with its answer; rejects where the connection ends before. */
  request(op: string, d: object = {}): Promise<RtAnswer> {
    const id = this.#nextId++
    const answer = Promise.withResolvers<RtAnswer>()
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error('Not connected.'))
    this.#requests.set(id, answer)
    this.#socket.send(JSON.stringify({ id, op, d }))
    return answer.promise
  }

  /** Cuts the connection without a word; the client comes back. */
  drop(): void {
    this.#socket?.terminate()
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.terminate()
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
    }
  }

  /** One connection from beginning to end; resolves with its close code. */
  async #connectOnce(): Promise<number> {
    const cursor = this.cursor === undefined ? '' : `?cursor=${this.cursor}`
    const headers = { authorization: `Bearer ${await this.#options.token()}` }
    const socket = new WebSocket(`${this.#options.url()}/v1/ws/connect${cursor}`, 'rt.v1', { headers })
    this.#socket = socket
    socket.on('message', (data) => {
      if (this.#socket === socket && !this.#isClosed) this.#take(JSON.parse(String(data)) as Frame)
    })
    // 'close' follows, also where the server could not be reached.
    socket.on('error', () => {})
    return new Promise((resolve) => socket.on('close', resolve))
  }

  #take(frame: Frame) {
    if (frame.op === 'ready') this.#begin(frame.d as RtReady)
    else if (frame.op === 'ev') this.#takeEvent(frame as unknown as RtEvent)
    else if (frame.op === 'reconnect') this.#afterMs = (frame.d as { after_ms: number }).after_ms
    else if (frame.re !== undefined) {
      this.#requests.get(frame.re)?.resolve(frame as unknown as RtAnswer)
      this.#requests.delete(frame.re)
    }
    this.#changes.emit('change')
  }

  #begin(ready: RtReady) {
    const isFirst = this.ready === undefined && !ready.resumed
    this.ready = ready
    this.cursor = ready.cursor
    for (const { id, head } of ready.streams) {
      const isBehind = isFirst ? this.#options.withHistory : ready.gap?.includes(id)
      if (isBehind) this.#behind.set(id, head)
      else if (isFirst) this.last.set(id, head)
    }
    for (const id of this.last.keys()) if (!ready.streams.some((stream) => stream.id === id)) this.#forget(id)
    this.#page()
  }

  #takeEvent(event: RtEvent) {
    const last = this.last.get(event.s) ?? 0
    if (event.c !== undefined) this.cursor = event.c
    if (event.q <= last) this.repeats++
    else if (event.q === last + 1) this.#apply(event)
    else {
      this.#behind.set(event.s, Math.max(event.q, this.#behind.get(event.s) ?? 0))
      this.#page()
    }
  }

  #apply(event: RtEvent) {
    this.last.set(event.s, event.q)
    this.state.apply(event)
    if (event.t === 'conversation.left') this.#forget(String(event.d.conversation_id))
    if (event.t === 'workspace.left') this.#forget(String(event.d.workspace_id))
  }

  #forget(streamId: string) {
    this.last.delete(streamId)
    this.#behind.delete(streamId)
    this.state.forget(streamId)
  }

  /** Pages what is behind, one page after the other; a lost connection leaves the rest for the next one. */
  #page() {
    this.#pager ??= this.#pageAll()
      .catch(() => {})
      .finally(() => {
        this.#pager = undefined
        this.#changes.emit('change')
      })
  }

  async #pageAll(): Promise<void> {
    for (;;) {
      const next = this.#behind.entries().next().value
      if (next === undefined) return
      const [stream, wanted] = next
      this.pages++
      const answer = await this.request('page', { stream, after: this.last.get(stream) ?? 0 })
      if (!answer.ok) this.#forget(stream)
      else if (answer.d.gap) this.#skipTo(stream, answer.d.head as number)
      else this.#takePage(stream, answer.d as RtPage, wanted)
    }
  }

  #takePage(stream: string, { events, more }: RtPage, wanted: number) {
    const lastOf = () => this.last.get(stream) ?? 0
    for (const event of events) if (event.q === lastOf() + 1) this.#apply(event)
    if (lastOf() >= wanted && !more) this.#behind.delete(stream)
  }

  /** The events in between are no longer kept: what they made would have to be read over HTTP. */
  #skipTo(stream: string, head: number) {
    this.skipped.push(stream)
    this.last.set(stream, head)
    this.#behind.delete(stream)
  }
}

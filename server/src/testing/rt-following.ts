import { type RtEvent, RtState } from './rt-state.ts'

export type RtStream = { id: string; kind: string; head: number; read: number; unread: number; mentions: number }

export type RtReady = {
  session: string
  me: { id: string }
  cursor: string
  resumed: boolean
  /** Empty in the later answers of a long poll. */
  streams: RtStream[]
  gap?: string[]
}

export type RtPage = { events: RtEvent[]; head: number; more: boolean; gap?: boolean }

/** Until a stream is applied up to here at least, it must be paged. */
export type RtBehind = { stream: string; wanted: number }

export type RtFollowingOptions = {
  /** Also what stood there before the first connection, by paging every stream from its beginning. */
  withHistory?: boolean
  /** Hears of every event, once and in order. */
  onEvent?(event: RtEvent): void
  /** Hears that a stream can no longer be seen, and that all that came of it is to be forgotten. */
  onForget?(streamId: string): void
}

/** How far somebody has come in every stream, and what they made of the events. */
export class RtFollowing {
  readonly state = new RtState()
  /** The last `q` applied of each stream. */
  readonly last = new Map<string, number>()
  /** How often events came a second time. */
  repeats = 0
  /** Holes and repeats for which nothing that the client did is a reason. */
  readonly surprises: string[] = []
  /** Streams of which events were gone when they were to be paged. */
  readonly skipped: string[] = []
  /** How often everything that was missed followed, polls aside, and how often there was too much of it. */
  resumes = 0
  gaps = 0
  cursor: string | undefined
  ready: RtReady | undefined
  protected readonly behind = new Map<string, RtBehind>()
  readonly #options: RtFollowingOptions
  /** Up to where events came by page: those may come once more. */
  readonly #paged = new Map<string, number>()
  /** Streams whose leaving was applied, and no joining since. A page can be ahead: then what they still bring is late. */
  readonly #left = new Set<string>()

  constructor(options: RtFollowingOptions) {
    this.#options = options
  }

  protected begin(ready: RtReady): void {
    const isFirst = this.ready === undefined && !ready.resumed
    if (!isFirst && ready.resumed && ready.streams.length > 0) this.resumes++
    if (!isFirst && !ready.resumed) this.gaps++
    this.ready = ready
    this.cursor = ready.cursor
    // After a replay its joining comes; otherwise only the list tells that a stream was joined again.
    if (!ready.resumed) this.#left.clear()
    for (const { id, head } of ready.streams) {
      const isBehind = isFirst ? this.#options.withHistory : ready.gap?.includes(id)
      if (isBehind) this.#fallBehind(id, head)
      else if (isFirst) this.last.set(id, head)
      else if (!ready.resumed) this.#requireUnmoved(id, head)
    }
    if (ready.streams.length === 0) return
    for (const id of this.last.keys()) if (!ready.streams.some((stream) => stream.id === id)) this.forget(id)
  }

  protected takeEvent(event: RtEvent): void {
    const last = this.last.get(event.s) ?? 0
    if (event.c !== undefined) this.cursor = event.c
    if (this.#left.has(event.s)) return
    if (event.q <= last) this.#skipRepeat(event)
    else if (event.q === last + 1) this.#apply(event)
    else {
      // While a part of the log is missing, streams may have been left and joined without the client's knowledge.
      if (last > 0 && this.behind.size === 0) this.#surprise(`${event.s}: ${event.q} after ${last}`)
      this.#fallBehind(event.s, event.q)
    }
  }

  /** Applies what was asked for; nothing where the stream was forgotten since then. */
  protected takePage(behind: RtBehind, { events, head, more, gap }: RtPage): void {
    const { stream, wanted } = behind
    if (this.behind.get(stream) !== behind) return
    if (gap) {
      this.#skipTo(stream, head)
      return
    }
    const lastOf = () => this.last.get(stream) ?? 0
    for (const event of events) if (event.q === lastOf() + 1) this.#apply(event)
    this.#paged.set(stream, lastOf())
    if (lastOf() >= wanted && !more && this.behind.get(stream) === behind) this.behind.delete(stream)
  }

  protected forget(streamId: string): void {
    this.last.delete(streamId)
    this.behind.delete(streamId)
    this.#paged.delete(streamId)
    this.state.forget(streamId)
    this.#options.onForget?.(streamId)
  }

  #fallBehind(stream: string, wanted: number) {
    const known = this.behind.get(stream)
    if (known === undefined) this.behind.set(stream, { stream, wanted })
    else known.wanted = Math.max(wanted, known.wanted)
  }

  #apply(event: RtEvent) {
    this.last.set(event.s, event.q)
    this.state.apply(event)
    this.#options.onEvent?.(event)
    if (event.t === 'conversation.left') this.#leave(String(event.d.conversation_id))
    if (event.t === 'workspace.left') this.#leave(String(event.d.workspace_id))
    if (event.t === 'conversation.joined') this.#enter((event.d.conversation as { id: string }).id)
    if (event.t === 'workspace.joined' && (event.d.member as { role: string }).role !== 'guest') {
      this.#enter((event.d.workspace as { id: string }).id)
    }
  }

  #leave(streamId: string) {
    this.forget(streamId)
    this.#left.add(streamId)
  }

  /** What stood in a stream before it was joined does not come by itself. */
  #enter(streamId: string) {
    this.#left.delete(streamId)
    if (this.#options.withHistory && !this.last.has(streamId)) this.#fallBehind(streamId, 1)
  }

  #skipRepeat({ s, q }: RtEvent) {
    this.repeats++
    if (q > (this.#paged.get(s) ?? 0)) this.#surprise(`${s}: ${q} a second time`)
  }

  /** `gap` names exactly the streams that moved. */
  #requireUnmoved(id: string, head: number) {
    const last = this.last.get(id) ?? 0
    if (head > last && !this.behind.has(id)) this.#surprise(`${id}: ${head} is not in the gap after ${last}`)
  }

  #surprise(text: string) {
    if (this.surprises.length < 100) this.surprises.push(text)
  }

  /** The events in between are no longer kept: what they made would have to be read over HTTP. */
  #skipTo(stream: string, head: number) {
    this.skipped.push(stream)
    this.last.set(stream, head)
    this.behind.delete(stream)
  }
}

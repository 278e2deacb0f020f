// One connection. Ownership: made by the gateway or by http.ts, in the hub from `attach` to `close`. Ordering:
// frames leave in the order of their events' positions, so the cursor of a frame never passes an event that was not
// sent before. States:
//
//   authenticating → connecting → replaying → live ⇄ lagging
//                                   (all) → closed
//
// Only a live connection takes events from the hub. A replaying or lagging one reads the log itself, from memory or
// from the database, no faster than its reader reads; when it has reached the hub's position it goes live in the
// same turn of the event loop, so nothing falls between. Shutdown: `close`, by whoever finds a reason.

import type { UserActor } from '../core/actor.ts'
import type { User } from '../core/users/schema.ts'
import type { Place } from './cursor.ts'
import type { Engine } from './engine.ts'
import type { Follower, Following, Stream } from './hub.ts'
import type { StreamRef } from './membership-effects.ts'
import { Outlet, type Transport } from './outlet.ts'
import { CLOSE, type Close } from './protocol.ts'
import { readEventsBetween } from './read-events.ts'
import type { RoutedEvent, RoutedPassing, Wire } from './wire.ts'

type State =
  | { name: 'authenticating' }
  | { name: 'connecting' }
  | { name: 'replaying' }
  | { name: 'live' }
  | { name: 'lagging' }
  | { name: 'closed' }

const AUTHENTICATING: State = { name: 'authenticating' }
const CONNECTING: State = { name: 'connecting' }
const REPLAYING: State = { name: 'replaying' }
const LIVE: State = { name: 'live' }
const LAGGING: State = { name: 'lagging' }
const CLOSED: State = { name: 'closed' }

const CATCH_UP_EVENTS = 200
const CATCH_UP_BYTES = 131_072
/** Positions that one query of a catch-up looks through. */
const CATCH_UP_WINDOW = 5_000

export type SessionOptions = { id: string; wire: Wire; transport: Transport; onClose(session: Session): void }

export type Attachment = {
  streams: [StreamRef, Following][]
  /** The streams are those of this position. */
  position: number
  /** What follows this place is handed over. */
  from: Place
}

export class Session implements Follower {
  readonly id: string
  readonly wire: Wire
  readonly streams = new Map<string, Stream>()
  readonly #engine: Engine
  readonly #outlet: Outlet
  readonly #onClose: (session: Session) => void
  #state: State = AUTHENTICATING
  #actor: UserActor | undefined
  /** Up to here everything was sent, or is nothing to send. */
  #position = 0
  /** The newest event that was sent, or the place that the client came with. */
  #place: Place = { position: 0, atMs: 0 }
  #holds = 0
  #isAttached = false
  #isPresent = false

  constructor(engine: Engine, { id, wire, transport, onClose }: SessionOptions) {
    this.id = id
    this.wire = wire
    this.#engine = engine
    this.#outlet = new Outlet(engine.flushes, transport)
    this.#onClose = onClose
  }

  get state(): State['name'] {
    return this.#state.name
  }

  get isClosed(): boolean {
    return this.#state === CLOSED
  }

  get actor(): UserActor {
    if (this.#actor === undefined) throw new Error('Nobody has signed in on this connection yet.')
    return this.#actor
  }

  get userId(): string {
    return this.actor.id
  }

  get sessionId(): string {
    return this.actor.sessionId
  }

  /** Where a client goes on that has received everything sent so far. */
  get place(): Place {
    const newest = this.#engine.hub.place
    if (this.#state !== LIVE || newest === undefined) return this.#place
    return newest.position > this.#place.position ? newest : this.#place
  }

  beginConnecting(): void {
    if (this.#state === AUTHENTICATING) this.#state = CONNECTING
  }

  /** Who is on this connection; told once. */
  identify(actor: UserActor): void {
    this.#actor = actor
  }

  /** Takes its place in the hub; false where `position` is too long ago and must be read anew. */
  attach({ streams, position, from }: Attachment): boolean {
    this.#isAttached = this.#engine.hub.attach(this, { streams, position })
    this.#position = from.position
    this.#place = from
    // What the hub applied may have ended the session.
    if (this.#state === CLOSED && this.#isAttached) this.#engine.hub.detach(this)
    return this.#isAttached
  }

  /** Others see from now on that the person is there. */
  appear(me: User): void {
    this.#isPresent = true
    this.#engine.presence.opened(this.userId, me, this.#streamsThatSee())
  }

  /** Begins with the events, after `ready` was said. */
  start(): void {
    if (this.#state === CONNECTING) this.#catchUpFrom(this.#position, REPLAYING)
  }

  deliver(routed: RoutedEvent): void {
    const { place } = routed
    if (this.#state !== LIVE || place.position <= this.#position) return
    const frame = routed.encoded(this.wire)
    if (frame !== null && this.#outlet.waitingBytes + frame.length > this.#engine.limits.queueBytesMax) {
      this.#catchUpFrom(place.position - 1, LAGGING)
      return
    }
    this.#position = place.position
    this.#place = place
    if (frame !== null) this.#outlet.append(frame)
  }

  pass(routed: RoutedPassing): void {
    if (this.#state !== LIVE || this.#outlet.waitingBytes > this.#engine.limits.passingBytesMax) return
    const frame = routed.encoded(this.wire)
    if (frame !== null) this.#outlet.append(frame)
  }

  /** Sends frames that are this connection's own; with a cursor where they are a place to go on from. */
  say(texts: string[], cursor: string | null = null): void {
    if (this.#state !== CLOSED && texts.length > 0) this.#outlet.append(this.wire.encode(texts, cursor))
  }

  /** Stops the events until `release`, so that something can be sent in between at an exact place. */
  hold(): void {
    this.#holds++
    if (this.#state === LIVE) this.#catchUpFrom(this.#livePosition(), REPLAYING)
  }

  release(): void {
    this.#holds--
    this.#outlet.wake()
  }

  /** Resolves when the reader has room for more, or has gone. */
  untilWritable(): Promise<void> {
    return this.#outlet.untilWritable()
  }

  /** The transport has written all it had. */
  drained(): void {
    this.#outlet.drained()
  }

  /** Looks after a reader that does not read: first lets it catch up by itself, at last lets it go. */
  checkReader(nowMs: number): void {
    const fullForMs = this.#outlet.fullForMs(nowMs)
    const { stallMsMax } = this.#engine.limits
    if (fullForMs > stallMsMax) this.close(CLOSE.tooSlow)
    else if (fullForMs > stallMsMax / 4 && this.#state === LIVE) this.#catchUpFrom(this.#livePosition(), LAGGING)
  }

  /** Sends what waits, then says why it ends. Does nothing the second time. */
  close(close: Close): void {
    if (this.#state === CLOSED) return
    this.#leave()
    this.#outlet.close(close)
  }

  /** The transport has gone. */
  closed(): void {
    if (this.#state === CLOSED) return
    this.#leave()
    this.#outlet.abandon()
  }

  #leave() {
    this.#state = CLOSED
    if (this.#isPresent) this.#engine.presence.closed(this.userId, this.#streamsThatSee())
    if (this.#isAttached) this.#engine.hub.detach(this)
    this.#onClose(this)
  }

  /** A guest follows no workspace: then it is the conversations. */
  #streamsThatSee(): string[] {
    const streams = [...this.streams.values()]
    const workspaces = streams.filter((stream) => stream.kind === 'workspace')
    const seeing = workspaces.length > 0 ? workspaces : streams.filter((stream) => stream.kind === 'conversation')
    return seeing.map((stream) => stream.id)
  }

  /** Of what came before the hub's position a live connection has had everything. */
  #livePosition(): number {
    return Math.max(this.#position, this.#engine.hub.position)
  }

  /** Only from connecting and from live: one loop at a time. */
  #catchUpFrom(position: number, state: State) {
    this.#position = position
    this.#state = state
    this.#catchUp().catch((error) => {
      this.#engine.log.warn({ err: error }, 'a connection cannot read the event log')
      this.close(CLOSE.restart)
    })
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      await this.#outlet.untilWritable()
      if (this.#state === CLOSED) return
      if (this.#holds > 0) await this.#outlet.change()
      else if (!this.#takeFromMemory()) await this.#takeFromDatabase()
      // Nothing may run between the last event from memory and the first from the hub.
      if (this.#state === LIVE) return
    }
  }

  /** False where memory does not reach back far enough. */
  #takeFromMemory(): boolean {
    const recent = this.#engine.hub.recent.after(this.#position, CATCH_UP_EVENTS)
    if (recent === undefined) return false
    if (this.#sendSome(recent) && recent.length < CATCH_UP_EVENTS) {
      this.#position = this.#livePosition()
      this.#state = LIVE
    }
    return true
  }

  async #takeFromDatabase(): Promise<void> {
    const { hub, core, limits } = this.#engine
    if (hub.position - this.#position > limits.replayWindowMax) return this.close(CLOSE.tooSlow)
    const after = this.#position
    const upTo = Math.min(after + CATCH_UP_WINDOW, hub.position)
    const streamIds = [...this.streams.keys()]
    const events = await readEventsBetween(core.database, { after, upTo, streamIds, limit: CATCH_UP_EVENTS })
    // What was held meanwhile stays where it is and is read once more.
    if (this.#state === CLOSED || this.#holds > 0) return
    const isAll = this.#sendSome(events.map((event) => hub.route(event)))
    if (isAll && events.length < CATCH_UP_EVENTS) this.#position = upTo
  }

  /** False where there is more than should wait at once: the rest comes with the next step. */
  #sendSome(events: RoutedEvent[]): boolean {
    for (const routed of events) {
      if (this.#outlet.gatheredBytes > CATCH_UP_BYTES) return false
      const { event, place } = routed
      this.#position = place.position
      const following = this.#engine.hub.following(this, event.streamId)
      if (following === undefined || event.position <= following.since) continue
      this.#place = place
      const frame = routed.freshlyEncoded(this.wire)
      if (frame !== null) this.#outlet.append(frame)
    }
    return true
  }
}

// One connection, from its first byte to its last. Ownership: made by the gateway or by http.ts; in the hub from
// `attach` to its end. Its events are the feed's (feed.ts), its bytes leave by the outlet (outlet.ts).
//
//   authenticating → connecting → replaying → live ⇄ lagging
//                                   (all) → closed
//
// Shutdown: `close`, by whoever finds a reason; `closed`, when the transport has gone.

import type { Timestamp } from '../platform/clock.ts'
import type { Place } from './cursor.ts'
import type { Engine } from './engine.ts'
import { Feed, type FeedState } from './feed.ts'
import type { Follower, Following, Stream } from './hub.ts'
import type { StreamRef } from './membership-effects.ts'
import { Outlet, type Transport } from './outlet.ts'
import type { Person } from './people/person.ts'
import { CLOSE, type Close } from './protocol.ts'
import type { RoutedEvent, RoutedPassing, Wire } from './wire.ts'

type State =
  | { name: 'authenticating' }
  | { name: 'connecting' }
  | { name: 'following'; feed: Feed }
  | { name: 'closed'; feed: Feed | null }

export type SessionOptions = { id: string; wire: Wire; transport: Transport; onClose(session: Session): void }

export type Attachment = {
  streams: [StreamRef, Following][]
  /** The streams are those of this position. */
  position: number
}

export class Session implements Follower {
  readonly id: string
  readonly streams = new Map<string, Stream>()
  readonly #engine: Engine
  readonly #outlet: Outlet
  readonly #onClose: (session: Session) => void
  #state: State = { name: 'authenticating' }
  #wire: Wire
  #person: Person | undefined
  #isAttached = false
  #isPresent = false
  #isHeld = false

  constructor(engine: Engine, { id, wire, transport, onClose }: SessionOptions) {
    this.id = id
    this.#wire = wire
    this.#engine = engine
    this.#outlet = new Outlet(engine.flushes, transport)
    this.#onClose = onClose
  }

  get state(): Exclude<State['name'], 'following'> | FeedState {
    return this.#state.name === 'following' ? this.#state.feed.state : this.#state.name
  }

  get isClosed(): boolean {
    return this.#state.name === 'closed'
  }

  get isSignedIn(): boolean {
    return this.#person !== undefined
  }

  get person(): Person {
    if (this.#person === undefined) throw new Error('Nobody has signed in on this connection yet.')
    return this.#person
  }

  get userId(): string {
    return this.person.actor.id
  }

  get sessionId(): string {
    return this.person.actor.sessionId
  }

  /** How its frames are made; who signs in may change it. */
  get wire(): Wire {
    return this.#wire
  }

  /** Its events, from `start` on; after its end for what they came to. */
  get feed(): Feed {
    if ('feed' in this.#state && this.#state.feed !== null) return this.#state.feed
    throw new Error('This connection has no events.')
  }

  beginConnecting(): void {
    if (this.#state.name === 'authenticating') this.#state = { name: 'connecting' }
  }

  /** Who is on this connection; told once. */
  identify(person: Person): void {
    const { actor } = person
    this.#person = person
    if (actor.kind === 'contact' && !actor.isLive) this.#wire = this.#wire.test ?? this.#wire
  }

  mayFollow(streamId: string): boolean {
    return this.person.mayFollow(streamId)
  }

  /** Whether the person's time is over. */
  hasExpired(now: Timestamp): boolean {
    const expiresAt = this.#person?.expiresAt ?? null
    return expiresAt !== null && expiresAt <= now
  }

  /** Takes its place in the hub; false where `position` is too long ago and must be read anew. */
  attach(attachment: Attachment): boolean {
    this.#isAttached = this.#engine.hub.attach(this, attachment)
    // What the hub applied may have ended the session.
    if (this.isClosed && this.#isAttached) this.#engine.hub.detach(this)
    return this.#isAttached
  }

  /** Others see from now on that the person is there. */
  appear(): void {
    this.#isPresent = true
    this.person.appear()
  }

  /** Begins with the events after a place, once `ready` was said. */
  start(from: Place): void {
    if (this.#state.name !== 'connecting') return
    const { isHidden } = this.person
    const feed = new Feed(this.#engine, { follower: this, wire: this.wire, outlet: this.#outlet, isHidden })
    this.#state = { name: 'following', feed }
    if (this.person.isWaiting) feed.hold()
    this.#isHeld = this.person.isWaiting
    feed.start(from)
  }

  /** Lets the events go that wait since the start. */
  letGo(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.feed.release()
  }

  deliver(routed: RoutedEvent): void {
    if (this.#state.name !== 'following') return
    this.#state.feed.deliver(routed)
    this.#person?.heard(routed.event)
  }

  pass(routed: RoutedPassing): void {
    if (this.#state.name === 'following') this.#state.feed.pass(routed)
  }

  /** Sends frames that are this connection's own; with a cursor where they are a place to go on from. */
  say(texts: string[], cursor: string | null = null): void {
    if (!this.isClosed && texts.length > 0) this.#outlet.append(this.wire.encode(texts, cursor))
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
    else if (fullForMs > stallMsMax / 4 && this.#state.name === 'following') this.#state.feed.fallBehind()
  }

  /** Sends what waits, then says why it ends. Does nothing the second time. */
  close(close: Close): void {
    if (this.isClosed) return
    this.#leave()
    this.#outlet.close(close)
  }

  /** The transport has gone. */
  closed(): void {
    if (this.isClosed) return
    this.#leave()
    this.#outlet.abandon()
  }

  #leave() {
    const feed = this.#state.name === 'following' ? this.#state.feed : null
    feed?.end()
    this.#state = { name: 'closed', feed }
    if (this.#isPresent) this.#person?.disappear()
    if (this.#isAttached) this.#engine.hub.detach(this)
    this.#onClose(this)
  }
}

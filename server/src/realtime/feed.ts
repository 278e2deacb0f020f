// The events of one connection, in the order of their positions: so the cursor of a frame never passes an event that
// was not sent before. Only a live feed takes events from the hub. A replaying or lagging one reads the log itself,
// from memory or from the database, no faster than its reader reads; when it has reached the hub's position it goes
// live in the same turn of the event loop, so nothing falls between. Where the frames of a wire need something that has to be
// read first, that is done on the way of the catch-up too.

import type { LoggedEvent } from '../core/log/events.ts'
import type { Place } from './cursor.ts'
import type { Engine } from './engine.ts'
import type { Follower } from './hub.ts'
import type { Outlet } from './outlet.ts'
import { prepareEvents } from './prepare-events.ts'
import { CLOSE } from './protocol.ts'
import { readEventsBetween } from './read-events.ts'
import type { RoutedEvent, RoutedPassing, Wire } from './wire.ts'

export type FeedState = 'waiting' | 'replaying' | 'live' | 'lagging' | 'ended'

const CATCH_UP_EVENTS = 200
const CATCH_UP_BYTES = 131_072
/** Positions that one query of a catch-up looks through. */
const CATCH_UP_WINDOW = 5_000

export type FeedOptions = {
  follower: Follower
  wire: Wire
  outlet: Outlet
  /** Which events of its streams the client may not know of, where there are any. */
  isHidden: ((event: LoggedEvent) => boolean) | null
}

export class Feed {
  readonly #engine: Engine
  readonly #follower: Follower
  readonly #wire: Wire
  readonly #outlet: Outlet
  readonly #isHidden: FeedOptions['isHidden']
  readonly #needsReading: boolean
  #state: FeedState = 'waiting'
  /** Up to here everything was sent, or is nothing to send. */
  #position = 0
  /** The newest event that was sent, or the place that the client came with. */
  #place: Place = { position: 0, atMs: 0 }
  #holds = 0
  /** What comes next and has to be prepared before. */
  #unprepared: RoutedEvent[] = []

  constructor(engine: Engine, { follower, wire, outlet, isHidden }: FeedOptions) {
    this.#engine = engine
    this.#follower = follower
    this.#wire = wire
    this.#outlet = outlet
    this.#isHidden = isHidden
    this.#needsReading = wire.skin.prepare !== undefined
  }

  get state(): FeedState {
    return this.#state
  }

  /** Where a client goes on that has received everything sent so far. */
  get place(): Place {
    const newest = this.#engine.hub.place
    if (this.#state !== 'live' || newest === undefined) return this.#place
    return newest.position > this.#place.position ? newest : this.#place
  }

  /** Begins with what follows a place. */
  start(from: Place): void {
    this.#place = from
    this.#catchUpFrom(from.position, 'replaying')
  }

  deliver(routed: RoutedEvent): void {
    const { place } = routed
    if (this.#state !== 'live' || place.position <= this.#position) return
    if (this.#isUnprepared(routed)) {
      this.#catchUpFrom(place.position - 1, 'lagging')
      return
    }
    const frame = this.#isHidden?.(routed.event) ? routed.hidden(this.#wire) : routed.encoded(this.#wire)
    if (frame !== null && this.#outlet.waitingBytes + frame.length > this.#engine.limits.queueBytesMax) {
      this.#catchUpFrom(place.position - 1, 'lagging')
      return
    }
    this.#position = place.position
    this.#place = place
    if (frame !== null) this.#outlet.append(frame)
  }

  pass(routed: RoutedPassing): void {
    if (this.#state !== 'live' && !routed.isUrgent) return
    if (this.#outlet.waitingBytes > this.#engine.limits.passingBytesMax) return
    const frame = routed.encoded(this.#wire)
    if (frame !== null) this.#outlet.append(frame)
  }

  /** Stops the events until `release`, so that something can be sent in between at an exact place. */
  hold(): void {
    this.#holds++
    if (this.#state === 'live') this.#catchUpFrom(this.#livePosition(), 'replaying')
  }

  release(): void {
    this.#holds--
    this.#outlet.wake()
  }

  /** Goes on no faster than its reader reads. */
  fallBehind(): void {
    if (this.#state === 'live') this.#catchUpFrom(this.#livePosition(), 'lagging')
  }

  end(): void {
    this.#state = 'ended'
  }

  /** Of what came before the hub's position a live feed has had everything. */
  #livePosition(): number {
    return Math.max(this.#position, this.#engine.hub.position)
  }

  /** Only from waiting and from live: one loop at a time. */
  #catchUpFrom(position: number, state: 'replaying' | 'lagging') {
    this.#position = position
    this.#state = state
    this.#catchUp().catch((error) => {
      this.#engine.log.warn({ err: error }, 'a connection cannot read the event log')
      this.#follower.close(CLOSE.restart)
    })
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      await this.#outlet.untilWritable()
      if (this.#state === 'ended') return
      if (this.#holds > 0) await this.#outlet.change()
      else if (this.#unprepared.length > 0) await this.#prepare()
      else if (!this.#takeFromMemory()) await this.#takeFromDatabase()
      // Nothing may run between the last event from memory and the first from the hub.
      if (this.#isLive()) return
    }
  }

  #isLive(): boolean {
    return this.#state === 'live'
  }

  /** False where memory does not reach back far enough. */
  #takeFromMemory(): boolean {
    const recent = this.#engine.hub.recent.after(this.#position, CATCH_UP_EVENTS)
    if (recent === undefined) return false
    if (this.#sendSome(recent) && recent.length < CATCH_UP_EVENTS) {
      this.#position = this.#livePosition()
      this.#state = 'live'
    }
    return true
  }

  async #takeFromDatabase(): Promise<void> {
    const { hub, core, limits } = this.#engine
    if (hub.position - this.#position > limits.replayWindowMax) return this.#follower.close(CLOSE.tooSlow)
    const after = this.#position
    const upTo = Math.min(after + CATCH_UP_WINDOW, hub.position)
    const followed = [...this.#follower.streams.values()]
    const events = await readEventsBetween(core.database, { after, upTo, followed, limit: CATCH_UP_EVENTS })
    const routed = events.map((event) => hub.route(event))
    if (this.#needsReading)
      await prepareEvents(
        routed.filter((one) => this.#isUnprepared(one)),
        this.#wire,
      )
    // What was held meanwhile stays where it is and is read once more.
    if (this.#state === 'ended' || this.#holds > 0) return
    const isAll = this.#sendSome(routed)
    if (isAll && events.length < CATCH_UP_EVENTS) this.#position = upTo
  }

  /** False where there is more than should wait at once: the rest comes with the next step. */
  #sendSome(events: RoutedEvent[]): boolean {
    for (const [i, routed] of events.entries()) {
      if (this.#outlet.gatheredBytes > CATCH_UP_BYTES) return false
      const { event, place } = routed
      if (this.#isUnprepared(routed)) {
        this.#unprepared = events.slice(i).filter((one) => this.#isUnprepared(one))
        return false
      }
      this.#position = place.position
      const following = this.#engine.hub.followingOf(this.#follower, event)
      if (following === undefined || event.position <= following.since) continue
      this.#place = place
      const frame = this.#isHidden?.(event) ? routed.hidden(this.#wire) : routed.freshlyEncoded(this.#wire)
      if (frame !== null) this.#outlet.append(frame)
    }
    return true
  }

  /** Whether it is for this connection, and its frame needs something that is still to be read. */
  #isUnprepared(routed: RoutedEvent): boolean {
    if (!this.#needsReading || routed.isReady(this.#wire) || this.#isHidden?.(routed.event)) return false
    return this.#engine.hub.followingOf(this.#follower, routed.event) !== undefined
  }

  async #prepare(): Promise<void> {
    const events = this.#unprepared
    this.#unprepared = []
    await prepareEvents(events, this.#wire)
  }
}

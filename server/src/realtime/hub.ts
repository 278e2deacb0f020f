// The hub knows who follows which stream on this node. Ownership: one per gateway, fed by the log's tail. Ordering:
// events come in order of position and are handed to their followers in that order; what an event gives is given
// before it is handed over, what it takes is taken after. So access on open connections follows the log, and
// nothing else. All of it is synchronous: between two events nobody sees the hub half changed.

import type { LoggedEvent } from '../core/log/events.ts'
import type { Logger } from '../platform/log.ts'
import type { Cursors, Place } from './cursor.ts'
import type { RealtimeLimits } from './limits.ts'
import { type Effect, grantedBy, type StreamRef, takenBy } from './membership-effects.ts'
import { CLOSE, type Close, type Passing } from './protocol.ts'
import { RecentEvents } from './recent-events.ts'
import { timelinesIdOf } from './timelines.ts'
import { RoutedEvent, RoutedPassing } from './wire.ts'

/** Why a connection follows a stream, and from which position on. Never changed, only replaced. */
export type Following = { isMember: boolean; isSubscriber: boolean; since: number }

export type Stream = StreamRef & { followers: Map<Follower, Following> }

/** A connection, as the hub sees it. */
export type Follower = {
  /** The person: a user or a contact. */
  readonly userId: string
  readonly sessionId: string
  /** The streams it follows; the hub's to change. */
  readonly streams: Map<string, Stream>
  deliver(routed: RoutedEvent): void
  pass(routed: RoutedPassing): void
  close(close: Close): void
  /** Whether it follows a stream that the log gives the person; any, unless it says. */
  mayFollow?(streamId: string): boolean
}

export type HubOptions = { position: number; cursors: Cursors; limits: RealtimeLimits; log: Logger }

export class Hub {
  readonly recent: RecentEvents
  readonly #options: HubOptions
  readonly #streams = new Map<string, Stream>()
  readonly #users = new Map<string, Set<Follower>>()
  #position: number
  #place: Place | undefined

  constructor(options: HubOptions) {
    const { position, limits } = options
    this.#options = options
    this.#position = position
    this.recent = new RecentEvents({ position, eventsMax: limits.recentEventsMax, bytesMax: limits.recentBytesMax })
  }

  /** Everything up to this position was handed over. */
  get position(): number {
    return this.#position
  }

  /** The place of the newest event; undefined until the first one since the start. */
  get place(): Place | undefined {
    return this.#place
  }

  publish(events: LoggedEvent[]): void {
    for (const event of events) {
      const routed = this.route(event)
      this.recent.push(routed)
      this.#position = event.position
      this.#place = routed.place
      this.#apply(grantedBy(event), event.position)
      const stream = this.#streams.get(event.streamId)
      if (stream !== undefined) for (const follower of stream.followers.keys()) follower.deliver(routed)
      const timelinesId = timelinesIdOf(event)
      const timelines = timelinesId && this.#streams.get(timelinesId)
      if (timelines) for (const follower of timelines.followers.keys()) follower.deliver(routed)
      this.#apply(takenBy(event), event.position)
    }
  }

  route(event: LoggedEvent): RoutedEvent {
    return new RoutedEvent(event, this.#options)
  }

  /** Tells the followers of a stream something that is not logged, but not one person. */
  announce(passing: Passing, { exceptPersonId }: { exceptPersonId: string }): void {
    const followers = this.#streams.get(passing.streamId)?.followers
    if (followers === undefined) return
    if (passing.type === 'presence' && followers.size > this.#options.limits.presenceFollowersMax) return
    const routed = new RoutedPassing(passing)
    for (const follower of followers.keys()) if (follower.userId !== exceptPersonId) follower.pass(routed)
  }

  /**
   * Takes in a connection that follows `streams` as they were at a position. What the log says of it since then
   * is applied at once; false where that is forgotten already, and the connection must read them anew.
   */
  attach(follower: Follower, { streams, position }: { streams: [StreamRef, Following][]; position: number }): boolean {
    const since = this.recent.after(position)
    if (since === undefined) return false
    const peers = this.#users.get(follower.userId)
    if (peers === undefined) this.#users.set(follower.userId, new Set([follower]))
    else peers.add(follower)
    for (const [ref, following] of streams) this.#put(follower, ref, following)
    for (const { event } of since) {
      this.#apply(grantedBy(event), event.position, follower)
      this.#apply(takenBy(event), event.position, follower)
    }
    return true
  }

  /** How many connections a person has. */
  connectionsOf(personId: string): number {
    return this.#users.get(personId)?.size ?? 0
  }

  detach(follower: Follower): void {
    for (const streamId of follower.streams.keys()) this.drop(follower, streamId)
    const peers = this.#users.get(follower.userId)
    peers?.delete(follower)
    if (peers?.size === 0) this.#users.delete(follower.userId)
  }

  /** How a connection follows a stream, undefined where it does not. */
  following(follower: Follower, streamId: string): Following | undefined {
    return follower.streams.get(streamId)?.followers.get(follower)
  }

  /** How a connection follows what an event stands in. */
  followingOf(follower: Follower, event: LoggedEvent): Following | undefined {
    return this.following(follower, event.streamId) ?? this.following(follower, timelinesIdOf(event) ?? '')
  }

  /** Changes or begins a following. */
  follow(follower: Follower, ref: StreamRef, following: Following): void {
    this.#put(follower, ref, following)
  }

  drop(follower: Follower, streamId: string): void {
    const stream = follower.streams.get(streamId)
    if (stream === undefined) return
    follower.streams.delete(streamId)
    stream.followers.delete(follower)
    if (stream.followers.size === 0) this.#streams.delete(streamId)
    // Whoever followed these was there for nothing else. Does nothing where the connection ends anyway.
    if (stream.kind === 'timelines') follower.close({ ...CLOSE.forbidden, reason: 'no longer in the team' })
  }

  #put(follower: Follower, ref: StreamRef, following: Following) {
    let stream = this.#streams.get(ref.id)
    if (stream === undefined) {
      stream = { ...ref, followers: new Map() }
      this.#streams.set(ref.id, stream)
    }
    stream.followers.set(follower, following)
    follower.streams.set(stream.id, stream)
  }

  /** Applies an effect to all it concerns, or to one connection only. */
  #apply(effect: Effect | undefined, position: number, only?: Follower) {
    if (effect === undefined) return
    if ('userId' in effect) {
      const peers = this.#users.get(effect.userId) ?? []
      for (const peer of [...peers]) if (only === undefined || peer === only) this.#applyTo(peer, effect, position)
      return
    }
    for (const stream of this.#affectedStreams(effect)) {
      for (const [follower, { isMember }] of stream.followers) {
        if (only !== undefined && follower !== only) continue
        if (effect.type !== 'hide' || !isMember) this.drop(follower, stream.id)
      }
    }
  }

  #affectedStreams(effect: Exclude<Effect, { userId: string }>): Stream[] {
    if (effect.type === 'closeWorkspace') {
      return [...this.#streams.values()].filter((stream) => stream.workspaceId === effect.workspaceId)
    }
    const stream = this.#streams.get(effect.streamId)
    return stream === undefined ? [] : [stream]
  }

  #applyTo(follower: Follower, effect: Extract<Effect, { userId: string }>, position: number) {
    switch (effect.type) {
      case 'follow': {
        if (follower.mayFollow?.(effect.stream.id) === false) return
        const known = this.following(follower, effect.stream.id)
        const { isSubscriber, since } = known ?? { isSubscriber: false, since: position }
        return this.#put(follower, effect.stream, { isMember: true, isSubscriber, since })
      }
      case 'unfollow':
        return this.drop(follower, effect.streamId)
      case 'expel':
        return this.#dropInWorkspace(follower, effect.workspaceId, () => true)
      case 'demote':
        return this.#dropInWorkspace(
          follower,
          effect.workspaceId,
          (stream, { isMember }) => stream.kind === 'workspace' || stream.kind === 'timelines' || !isMember,
        )
      case 'endSession':
        if (follower.sessionId === effect.sessionId) follower.close(CLOSE.signedOut)
        return
      case 'endAll':
        follower.close(CLOSE.signedOut)
    }
  }

  #dropInWorkspace(follower: Follower, workspaceId: string, isLost: (stream: Stream, following: Following) => boolean) {
    for (const stream of follower.streams.values()) {
      if (stream.workspaceId !== workspaceId) continue
      if (isLost(stream, stream.followers.get(follower)!)) this.drop(follower, stream.id)
    }
  }
}

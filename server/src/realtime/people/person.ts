import type { ContactActor, UserActor } from '../../core/actor.ts'
import type { LoggedEvent } from '../../core/log/events.ts'
import type { Timestamp } from '../../platform/clock.ts'
import type { StreamRef } from '../membership-effects.ts'
import type { Answer, Me, Operation } from '../protocol.ts'
import type { Snapshot } from '../snapshot.ts'

/** Who has connections. */
export type PersonActor = UserActor | ContactActor

/** What only some kinds of people can ask for. */
export type OwnOperation = Extract<Operation, { op: 'send' | 'read' | 'typing' | 'stopTyping' | 'watch' | 'unwatch' }>

/** Somebody on one connection, from their signing in to its end: all that differs between users and contacts. */
export type Person = {
  readonly actor: PersonActor
  /** When their time is over, where nothing else tells. */
  readonly expiresAt: Timestamp | null
  /** Which events of their streams they may not know of; null where there are none. */
  readonly isHidden: ((event: LoggedEvent) => boolean) | null
  /** Whether their events wait until they say which they want. */
  readonly isWaiting: boolean
  /** What they follow, and how things stand for them; undefined where they may not be here any more. */
  readSnapshot(input: ReadSnapshot): Promise<Snapshot | undefined>
  /** Who they are, once the snapshot was read. */
  introduce(): Me
  /** A conversation that they may read, whether they follow it or not; else throws `conversation_not_found`. */
  getReadable(streamId: string, param: string): Promise<StreamRef>
  /** Whether they follow what the log gives them. */
  mayFollow(streamId: string): boolean
  carryOut(operation: OwnOperation): Promise<Answer>
  /** Others see from now on that they are there. */
  appear(): void
  /** An event of a stream that they follow was handed over. */
  heard(event: LoggedEvent): void
  /** The connection ends; it still follows what it followed. */
  disappear(): void
}

export type ReadSnapshot = {
  /** Whether unread messages and mentions are counted. */
  withCounts: boolean
  streamsMax: number
  nowMs: number
}

// Which users have an open connection on this node. Somebody whose last connection closed stays online for a short grace, so
// that a reload does not flicker. A change is told to the workspaces that the person follows (a guest follows none,
// and is told to their conversations), unless they chose a status: then that is shown, whatever their connections.
// Changes gather for a moment and are told together: when a server restarts, everybody comes at once, and everybody
// would be written to for each.

import type { LoggedEvent } from '../core/log/events.ts'
import type { PresencePort } from '../core/ports.ts'
import type { PublicUser } from '../core/users/schema.ts'
import type { Timestamp } from '../platform/clock.ts'
import type { Passing } from './protocol.ts'

type Chosen = Pick<PublicUser, 'status' | 'statusExpiresAt'>

type Person = {
  connections: number
  chosen: Chosen
  leaving: NodeJS.Timeout | undefined
}

type Change = { userId: string; streamIds: string[]; status: 'online' | 'offline' }

export type PresenceOptions = {
  graceMs: number
  /** How long changes gather before they are told. */
  gatherMs: number
  now(): Timestamp
  announce(passing: Passing, options: { exceptPersonId: string }): void
}

const STREAMS_TOLD_MAX = 200

export class Presence implements PresencePort {
  readonly #options: PresenceOptions
  readonly #people = new Map<string, Person>()
  /** What is to be told, the newest of each person. */
  #changes = new Map<string, Change>()
  #telling: NodeJS.Timeout | undefined

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  isOnline(userId: string): boolean {
    return this.#people.has(userId)
  }

  /** A connection of somebody has begun; `streamIds` are those whose followers see them. */
  opened(userId: string, { status, statusExpiresAt }: Chosen, streamIds: string[]): void {
    const known = this.#people.get(userId)
    clearTimeout(known?.leaving)
    const connections = (known?.connections ?? 0) + 1
    this.#people.set(userId, { connections, chosen: { status, statusExpiresAt }, leaving: undefined })
    if (known === undefined) this.#change({ userId, streamIds, status: 'online' })
  }

  closed(userId: string, streamIds: string[]): void {
    const person = this.#people.get(userId)
    if (person === undefined) return
    person.connections--
    if (person.connections > 0) return
    person.leaving = setTimeout(() => this.#left(userId, streamIds), this.#options.graceMs)
    person.leaving.unref()
  }

  /** Keeps up with what people choose to show. */
  apply(events: LoggedEvent[]): void {
    for (const event of events) {
      if (event.type !== 'user.updated') continue
      const person = this.#people.get(event.data.user.id)
      const { status, statusExpiresAt } = event.data.user
      if (person !== undefined) person.chosen = { status, statusExpiresAt }
    }
  }

  close(): void {
    for (const person of this.#people.values()) clearTimeout(person.leaving)
    clearTimeout(this.#telling)
    this.#changes.clear()
    this.#people.clear()
  }

  #left(userId: string, streamIds: string[]) {
    this.#change({ userId, streamIds, status: 'offline' })
    this.#people.delete(userId)
  }

  #change(change: Change) {
    const { status, statusExpiresAt } = this.#people.get(change.userId)!.chosen
    const isChosen = status !== null && (statusExpiresAt === null || statusExpiresAt > this.#options.now())
    if (isChosen) return
    this.#changes.set(change.userId, change)
    this.#telling ??= setTimeout(() => this.#tell(), this.#options.gatherMs)
    this.#telling.unref()
  }

  #tell() {
    const changes = this.#changes
    this.#changes = new Map()
    this.#telling = undefined
    for (const { userId, streamIds, status } of changes.values()) {
      for (const streamId of streamIds.slice(0, STREAMS_TOLD_MAX)) {
        this.#options.announce({ type: 'presence', streamId, userId, status }, { exceptPersonId: userId })
      }
    }
  }
}

import type { Clock } from '../../platform/clock.ts'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { AppError } from '../errors.ts'
import type { LoggedEvent } from '../log/events.ts'
import { LogFollower } from '../log/log-follower.ts'
import { copyEvents, READER } from './copy-events.ts'
import { listWaitingWorkspaces } from './list-waiting-workspaces.ts'

/** What reading the feed needs of who fills it. */
export type ClientEventsPort = {
  /** Waits until what was committed before the call can be read. Throws `overloaded` where that takes too long. */
  caughtUp(): Promise<void>
}

const EVENTS_MAX = 1_000
/** For webhooks. */
const HURRY_MS = 20
/** For what nobody is told of before they ask: whoever reads the feed lets it catch up first. */
const GATHER_MS = 1_000
const RESTS = [
  { behindMax: 100_000, factor: 40 },
  { behindMax: 200_000, factor: 5 },
]
const CATCH_UP_MS = 5_000

export type ClientEventFeedOptions = {
  database: DatabasePool
  clock: Clock
  log: Logger
  /** How long a reader waits for the feed, in milliseconds. */
  catchUpMs?: number
}

/** Keeps the feed of client events behind the event log. Listeners hear of new rows on the node that wrote them. */
export class ClientEventFeed implements ClientEventsPort {
  /** Workspaces with a webhook endpoint that something is sent to. */
  #waiting = new Set<string>()
  readonly #listeners: (() => void)[] = []
  readonly #follower: LogFollower
  readonly #options: ClientEventFeedOptions

  constructor(options: ClientEventFeedOptions) {
    const { database, log } = options
    this.#options = options
    this.#follower = new LogFollower({
      database,
      log,
      reader: READER,
      what: 'the feed of client events',
      takePart: () => this.#takePart(),
      gatherMs: GATHER_MS,
      rests: RESTS,
    })
  }

  /** Takes up where the feed stopped. */
  async start(): Promise<void> {
    await this.#learnWaiting()
    this.#follower.wake(HURRY_MS)
  }

  /** Adds a listener, called after events were copied here. */
  listen(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** The log has grown by these events. */
  wake(events: readonly LoggedEvent[]): void {
    for (const { type, workspaceId } of events) {
      if (type !== 'client.updated' || workspaceId === null) continue
      // At once, so that the first event after an endpoint was made does not take its time.
      this.#waiting.add(workspaceId)
      void this.#learnWaiting()
    }
    const last = events.findLast(({ workspaceId }) => workspaceId !== null && this.#waiting.has(workspaceId))
    if (last === undefined) this.#follower.wake()
    else this.#follower.hurry(last.position, HURRY_MS)
  }

  async caughtUp(): Promise<void> {
    const isThere = await this.#follower.caughtUp(this.#options.catchUpMs ?? CATCH_UP_MS)
    if (!isThere) throw new AppError('overloaded', { retryAfterMs: 1_000 })
  }

  close(): Promise<void> {
    return this.#follower.close()
  }

  async #takePart() {
    const { database, clock } = this.#options
    const { copied, ...part } = await copyEvents(database, { at: clock(), eventsMax: EVENTS_MAX })
    if (copied > 0) for (const listener of this.#listeners) listener()
    return part
  }

  async #learnWaiting(): Promise<void> {
    const { database, log } = this.#options
    try {
      this.#waiting = new Set(await listWaitingWorkspaces(database.kysely))
    } catch (error) {
      log.warn({ err: error }, 'which clients have webhooks could not be read: they are sent later than they might be')
    }
  }
}

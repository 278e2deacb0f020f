// Keeps the feed of client events behind the event log. Ownership: one per node, made by runtime.ts, woken by the log's
// tail; of several nodes one at a time works, whichever holds the row in log_readers. Ordering: that of the log.
// Listeners hear that there are new rows, on the node that wrote them. Shutdown: `close` lets the bite under way end.

import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../platform/clock.ts'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { AppError } from '../errors.ts'
import type { LoggedEvent } from '../log/events.ts'
import { copyEvents, readProgress } from './copy-events.ts'

/** What reading the feed needs of who fills it. */
export type ClientEventsPort = {
  /** Waits until what was committed before the call can be read. Throws `overloaded` where that takes too long. */
  caughtUp(): Promise<void>
}

const EVENTS_MAX = 1_000
/** Gathers what comes in quick succession. */
const WAKE_MS = 20
/** For events that no client is shown: they are only to be passed, so a busy server of others pays next to nothing. */
const PASS_MS = 1_000
const RETRY_MS = 1_000
const POLL_MS = 20
const CATCH_UP_MS = 5_000

export type ClientEventFeedOptions = {
  database: DatabasePool
  clock: Clock
  log: Logger
  /** How long a reader waits for the feed, in milliseconds. */
  catchUpMs?: number
}

export class ClientEventFeed implements ClientEventsPort {
  #running: Promise<void> | undefined
  #runAgain = false
  #timer: NodeJS.Timeout | undefined
  #dueAtMs = Number.POSITIVE_INFINITY
  #closed = false
  readonly #listeners: (() => void)[] = []
  readonly #options: ClientEventFeedOptions

  constructor(options: ClientEventFeedOptions) {
    this.#options = options
  }

  /** Adds a listener, called after events were copied here. */
  listen(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** The log has grown by these events, or may have before this node began. */
  wake(events?: readonly LoggedEvent[]): void {
    this.#runIn(events === undefined || events.some(mayBeShown) ? WAKE_MS : PASS_MS)
  }

  async caughtUp(): Promise<void> {
    const giveUpAt = performance.now() + (this.#options.catchUpMs ?? CATCH_UP_MS)
    const { head, position } = await readProgress(this.#options.database)
    for (let at = position; at < head; ) {
      if (this.#closed || performance.now() > giveUpAt) throw new AppError('overloaded', { retryAfterMs: 1_000 })
      await this.#run()
      const progress = await readProgress(this.#options.database)
      // Another node is at it.
      if (progress.position === at) await delay(POLL_MS)
      at = progress.position
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #runIn(ms: number): void {
    const dueAtMs = performance.now() + ms
    if (this.#closed || this.#dueAtMs <= dueAtMs) return
    clearTimeout(this.#timer)
    this.#dueAtMs = dueAtMs
    this.#timer = setTimeout(() => {
      this.#dueAtMs = Number.POSITIVE_INFINITY
      void this.#run()
    }, ms)
    this.#timer.unref()
  }

  #run(): Promise<void> {
    this.#runAgain = true
    this.#running ??= this.#copyAll().finally(() => {
      this.#running = undefined
      if (this.#runAgain) this.wake()
    })
    return this.#running
  }

  async #copyAll(): Promise<void> {
    const { database, clock, log } = this.#options
    while (this.#runAgain && !this.#closed) {
      this.#runAgain = false
      try {
        const { copied, isFull } = await copyEvents(database, { at: clock(), eventsMax: EVENTS_MAX })
        this.#runAgain ||= isFull
        if (copied > 0) for (const listener of this.#listeners) listener()
      } catch (error) {
        log.warn({ err: error }, 'the feed of client events stays behind')
        this.#runIn(RETRY_MS)
        return
      }
    }
  }
}

/** Whether an event is of the kind that clients are shown; whether its workspace is a client's, the feed finds out. */
function mayBeShown({ type, data }: LoggedEvent): boolean {
  if (type.startsWith('contact.')) return true
  if ('conversation' in data) return data.conversation.kind === 'customer'
  return type.startsWith('message.') && 'message' in data && data.message?.authorKind !== 'user'
}

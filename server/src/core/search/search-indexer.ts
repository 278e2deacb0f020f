// Keeps the search index behind the event log, outside the sends. Ownership: one per node, made by runtime.ts, woken
// by the log's tail; of several nodes one at a time works, whichever holds the row in log_readers. Ordering: that of
// the log. It rests between full batches, so that it stays behind under load instead of slowing the sends, but not
// while a search waits for it. Shutdown: `close` lets the batch under way end.

import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { indexMessages, readIndexedPosition } from './index-messages.ts'

/** What a search needs of the indexer. */
export type SearchIndexPort = {
  /** Waits until what was committed before the call is indexed, or until it has waited long enough; tells which. */
  caughtUp(timeoutMs: number): Promise<boolean>
}

/** So few that taking them apart does not hold up the requests of this process. */
const EVENTS_MAX = 100
/** Gathers what comes in quick succession. */
const WAKE_MS = 100
const RETRY_MS = 2_000
const POLL_MS = 20
/**
 * While the log grows, a full batch is followed by a rest of so many times its own time: the further the index is
 * behind, the fewer, so that a burst passes nearly undisturbed and a steady stream never leaves the index for good.
 */
const RESTS = [
  { behindMax: 100_000, factor: 30 },
  { behindMax: 1_000_000, factor: 9 },
  { behindMax: Number.POSITIVE_INFINITY, factor: 1 },
]

export class SearchIndexer implements SearchIndexPort {
  #position = 0
  #running: Promise<void> | undefined
  #runAgain = false
  #waiting = 0
  #isGrowing = false
  #endRest: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false
  readonly #database: DatabasePool
  readonly #log: Logger

  constructor({ database, log }: { database: DatabasePool; log: Logger }) {
    this.#database = database
    this.#log = log
  }

  /** Takes up where the index stopped. */
  start(): void {
    this.wake()
  }

  /** The log has grown. */
  wake(): void {
    this.#isGrowing = true
    this.#runIn(WAKE_MS)
  }

  async caughtUp(timeoutMs: number): Promise<boolean> {
    const giveUpAt = performance.now() + timeoutMs
    this.#waiting++
    this.#endRest?.()
    try {
      const head = await this.#readHead()
      while (this.#position < head && !this.#closed) {
        await Promise.race([this.#run(), delay(Math.max(giveUpAt - performance.now(), 0), undefined, { ref: false })])
        if (this.#position >= head) break
        // Another node is at it, or the database is away.
        if (performance.now() + POLL_MS > giveUpAt) return false
        await delay(POLL_MS)
        this.#position = Math.max(this.#position, await readIndexedPosition(this.#database))
      }
      return !this.#closed
    } finally {
      this.#waiting--
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#endRest?.()
    await this.#running
  }

  #runIn(ms: number): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#run()
    }, ms)
    this.#timer.unref()
  }

  #run(): Promise<void> {
    this.#runAgain = true
    this.#running ??= this.#indexAll().finally(() => {
      this.#running = undefined
      if (this.#runAgain) this.wake()
    })
    return this.#running
  }

  async #indexAll(): Promise<void> {
    while (this.#runAgain && !this.#closed) {
      this.#runAgain = false
      this.#isGrowing = false
      const startedAt = performance.now()
      try {
        const { position, isFull } = await indexMessages(this.#database, EVENTS_MAX)
        this.#position = Math.max(this.#position, position ?? 0)
        this.#runAgain ||= isFull
        if (isFull && this.#isGrowing && this.#waiting === 0) await this.#rest(performance.now() - startedAt)
      } catch (error) {
        this.#log.warn({ err: error }, 'the search index stays behind')
        this.#runIn(RETRY_MS)
        return
      }
    }
  }

  async #rest(busyMs: number): Promise<void> {
    const behind = (await this.#readHead()) - this.#position
    const { factor } = RESTS.find(({ behindMax }) => behind <= behindMax)!
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, busyMs * factor)
    this.#endRest = resolve
    await promise
    clearTimeout(timer)
  }

  async #readHead(): Promise<number> {
    const { rows } = await sql<{ head: number | null }>`select max(position) as head from events`.execute(
      this.#database.kysely,
    )
    return rows[0]?.head ?? 0
  }
}

// Keeps the lists by activity behind the event log, outside the sends. Ownership: one per node, made by runtime.ts,
// woken by the log's tail; of several nodes one at a time works, whichever holds the row in log_readers. Ordering: that
// of the log. By itself it lets changes gather, since a conversation moves up once however many messages came; whoever
// reads a list lets it catch up first. Shutdown: `close` lets the part under way end.

import type { Clock } from '../../platform/clock.ts'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { applyActivity, readHead } from './apply-activity.ts'

/** What a list needs of the reader. */
export type ActivityPort = {
  /** Resolves when what was committed before the call stands in the lists. */
  caughtUp(): Promise<void>
}

/** Positions of the log that are taken in at once. */
const POSITIONS_MAX = 2_000
const GATHER_MS = 500
const RETRY_MS = 2_000

export type ActivityReaderOptions = { database: DatabasePool; log: Logger; clock: Clock }

export class ActivityReader implements ActivityPort {
  #position = 0
  #applying: Promise<boolean> | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false
  readonly #options: ActivityReaderOptions

  constructor(options: ActivityReaderOptions) {
    this.#options = options
  }

  /** The log has grown. */
  wake(): void {
    this.#runIn(GATHER_MS)
  }

  async caughtUp(): Promise<void> {
    const head = await readHead(this.#options.database.kysely)
    while (this.#position < head && !this.#closed) await this.#apply()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#applying?.catch(() => {})
  }

  #runIn(ms: number): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#applyAll()
    }, ms)
    this.#timer.unref()
  }

  async #applyAll(): Promise<void> {
    try {
      while (!this.#closed && (await this.#apply())) {}
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the lists by activity stay behind')
      this.#runIn(RETRY_MS)
    }
  }

  /** One part, shared by all who wait for it; true where there is more. */
  #apply(): Promise<boolean> {
    this.#applying ??= this.#applyPart().finally(() => {
      this.#applying = undefined
    })
    return this.#applying
  }

  async #applyPart(): Promise<boolean> {
    const { database, clock } = this.#options
    const { position, isFull } = await applyActivity(database, { positionsMax: POSITIONS_MAX, now: clock() })
    this.#position = Math.max(this.#position, position)
    return isFull
  }
}

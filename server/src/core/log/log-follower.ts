// Keeps something that is made of the event log behind it, outside the operations that write it. Ownership: by whoever
// makes something of the log, one per node, woken by the log's tail; of several nodes one at a time works, whichever
// holds the row in log_readers. Ordering: that of the log. While the log grows it rests between parts, so that it stays
// behind instead of slowing the operations, but not while somebody waits for it. Shutdown: `close` lets the part under
// way end.

import { setTimeout as delay } from 'node:timers/promises'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { readHead } from './read-head.ts'

/** One part of the log that was taken in. */
export type TakenPart = {
  /** How far it has read; undefined where another node is at it. */
  position: number | undefined
  /** Whether there may be more to read at once. */
  isFull: boolean
}

/** Up to so many positions behind, a part is followed by a rest of so many times its own time, while the log grows. */
export type Rest = { behindMax: number; factor: number }

export type LogFollowerOptions = {
  database: DatabasePool
  log: Logger
  /** Its row in log_readers. */
  reader: string
  /** What the log says stays behind when a part fails. */
  what: string
  takePart(): Promise<TakenPart>
  /** Gathers what comes in quick succession, in milliseconds. */
  gatherMs: number
  /** The nearest first; beyond the last it does not rest. */
  rests: readonly Rest[]
}

const RETRY_MS = 2_000
const POLL_MS = 20

export class LogFollower {
  #position = 0
  /** Up to here somebody is waiting for it, though not on this node's call. */
  #hurryTo = 0
  #waiting = 0
  #running: Promise<void> | undefined
  #runAgain = false
  #isGrowing = false
  #endRest: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #dueAtMs = Number.POSITIVE_INFINITY
  #closed = false
  readonly #options: LogFollowerOptions

  constructor(options: LogFollowerOptions) {
    this.#options = options
  }

  /** The log has grown, or may have before this node began. */
  wake(gatherMs = this.#options.gatherMs): void {
    this.#isGrowing = true
    this.#runIn(gatherMs)
  }

  /** The log has grown by something that should be taken in soon. */
  hurry(position: number, gatherMs: number): void {
    this.#hurryTo = Math.max(this.#hurryTo, position)
    this.#endRest?.()
    this.wake(gatherMs)
  }

  /** Waits until what was committed before the call is taken in, or until it has waited long enough; tells which. */
  async caughtUp(timeoutMs: number): Promise<boolean> {
    const giveUpAt = performance.now() + timeoutMs
    this.#waiting++
    this.#endRest?.()
    try {
      const head = await readHead(this.#options.database.kysely)
      while (this.#position < head && !this.#closed) {
        await Promise.race([this.#run(), delay(Math.max(giveUpAt - performance.now(), 0), undefined, { ref: false })])
        if (this.#position >= head) break
        // Another node is at it, or the database is away.
        if (performance.now() + POLL_MS > giveUpAt) return false
        await delay(POLL_MS)
        this.#position = Math.max(this.#position, await this.#readPosition())
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
    this.#running ??= this.#takeAll().finally(() => {
      this.#running = undefined
      if (this.#runAgain) this.wake()
    })
    return this.#running
  }

  async #takeAll(): Promise<void> {
    while (this.#runAgain && !this.#closed) {
      this.#runAgain = false
      this.#isGrowing = false
      const startedAt = performance.now()
      try {
        const { position, isFull } = await this.#options.takePart()
        this.#position = Math.max(this.#position, position ?? 0)
        this.#runAgain ||= isFull
        if (this.#mayRest()) await this.#rest(performance.now() - startedAt)
      } catch (error) {
        this.#options.log.warn({ err: error }, `${this.#options.what} stays behind`)
        this.#runIn(RETRY_MS)
        return
      }
    }
  }

  #mayRest(): boolean {
    return this.#isGrowing && this.#waiting === 0 && this.#position >= this.#hurryTo
  }

  async #rest(busyMs: number): Promise<void> {
    const behind = (await readHead(this.#options.database.kysely)) - this.#position
    const factor = this.#options.rests.find(({ behindMax }) => behind <= behindMax)?.factor ?? 0
    // Asked again: somebody may have come meanwhile.
    if (factor === 0 || !this.#mayRest()) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, busyMs * factor)
    this.#endRest = resolve
    await promise
    clearTimeout(timer)
    this.#endRest = undefined
  }

  /** How far it has read, whichever node did it. */
  async #readPosition(): Promise<number> {
    const { database, reader } = this.#options
    const row = await database.kysely
      .selectFrom('logReaders')
      .select('position')
      .where('name', '=', reader)
      .executeTakeFirst()
    return row?.position ?? 0
  }
}

// The hot path. One writer per node takes the sends that arrive while the previous batch commits and writes them
// with one statement. Ownership: made by app.ts, on a connection pool of its own. Ordering: first come, first
// written; within a conversation the ordinals follow that order. A send is acknowledged after its commit, never
// before. A message's id is given before it is written, so a batch whose outcome is unknown (the connection broke)
// is written again without harm: what stands already is found as a repeat. Shutdown: `close` writes what waits.

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { isConnectionError, isRetryable, isUniqueViolation } from '../../platform/database/errors.ts'
import { AppError } from '../errors.ts'
import type { LoggedEvent } from '../log/events.ts'
import type { Draft, Written } from './draft.ts'
import { writeBatch } from './write-batch.ts'

export type MessageWriterOptions = {
  /** Of one connection, because a plan is kept per connection. */
  pool: pg.Pool
  nodeId: string
  /** Most messages in one statement. */
  batchMax: number
  /** Most messages that may wait; one more is refused with `overloaded`. */
  queueMax: number
  /** How long a batch is tried again while the database is away, in milliseconds. */
  retryForMs: number
  onCommitted(events: LoggedEvent[]): void
}

// The statement is planned once, for tables of the size that they have then. On a young database that plan reads
// whole tables, so it is made anew each time this writer has doubled what it wrote.
const FIRST_PLAN_ROWS = 500

type Waiting = { draft: Draft; resolve(written: Written): void; reject(error: unknown): void }

export class MessageWriter {
  readonly #options: MessageWriterOptions
  #queue: Waiting[] = []
  #writing: Promise<void> | undefined
  #rowsWritten = 0
  #rowsAtNextPlan = FIRST_PLAN_ROWS

  constructor(options: MessageWriterOptions) {
    this.#options = options
  }

  /** Writes a message with its event and notices; resolves after the commit. */
  write(draft: Draft): Promise<Written> {
    if (this.#queue.length >= this.#options.queueMax) {
      return Promise.reject(new AppError('overloaded', { retryAfterMs: 1000 }))
    }
    const { promise, resolve, reject } = Promise.withResolvers<Written>()
    this.#queue.push({ draft, resolve, reject })
    this.#writing ??= this.#writeAll()
    return promise
  }

  /** Waits until all that was handed in is written or refused. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    // Sends of the same turn of the event loop share the first batch.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const { batch, rest } = takeBatch(this.#queue, this.#options.batchMax)
      this.#queue = rest
      await this.#settle(batch)
    }
    this.#writing = undefined
  }

  async #settle(batch: Waiting[]): Promise<void> {
    try {
      await this.#writeOnce(batch)
    } catch (error) {
      if (isConnectionError(error))
        return refuse(batch, new AppError('unavailable', { cause: error, retryAfterMs: 1000 }))
      if (batch.length === 1) return refuse(batch, error)
      // One bad row fails alone.
      for (const one of batch) await this.#settle([one])
    }
  }

  async #writeOnce(batch: Waiting[]): Promise<void> {
    const drafts = batch.map((waiting) => waiting.draft)
    const { events, written } = await this.#retry(() => writeBatch(this.#options.pool, drafts, this.#options.nodeId))
    if (events.length > 0) this.#options.onCommitted(events)
    for (const [i, waiting] of batch.entries()) waiting.resolve(written[i]!)
    await this.#planAnew(batch.length)
  }

  async #planAnew(rows: number): Promise<void> {
    this.#rowsWritten += rows
    if (this.#rowsWritten < this.#rowsAtNextPlan) return
    this.#rowsAtNextPlan = this.#rowsWritten * 2
    // Only a matter of speed: a failure here shows again, and is dealt with, at the next batch.
    await this.#options.pool.query('discard plans').catch(() => {})
  }

  async #retry<T>(attempt: () => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + this.#options.retryForMs
    for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, 500)) {
      try {
        return await attempt()
      } catch (error) {
        const isTransient = isConnectionError(error) || isRetryable(error) || isWrittenMeanwhile(error)
        if (!isTransient || performance.now() + pauseMs > giveUpAt) throw error
        await delay(pauseMs)
      }
    }
  }
}

/** The next batch holds no two sends with one (author, client id): the second waits, and is then a repeat. */
function takeBatch(queue: Waiting[], batchMax: number): { batch: Waiting[]; rest: Waiting[] } {
  const batch: Waiting[] = []
  const rest: Waiting[] = []
  const seen = new Set<string>()
  for (const waiting of queue) {
    const { authorId, clientId } = waiting.draft
    const key = clientId === null ? null : `${authorId} ${clientId}`
    if (batch.length === batchMax || (key !== null && seen.has(key))) {
      rest.push(waiting)
      continue
    }
    if (key !== null) seen.add(key)
    batch.push(waiting)
  }
  return { batch, rest }
}

/**
 * Another node, or our own last attempt on a connection that broke, committed one of these messages while the batch
 * was being written: it is found as a repeat the next time.
 */
function isWrittenMeanwhile(error: unknown): boolean {
  return isUniqueViolation(error, 'messages_client_id_key') || isUniqueViolation(error, 'messages_pkey')
}

function refuse(batch: Waiting[], error: unknown) {
  for (const waiting of batch) waiting.reject(error)
}

// Stores what carriers send. Ownership: one per node. What comes while the previous batch commits becomes the next one,
// so that many share a commit; an idle writer writes at once. A webhook is acknowledged after its commit, never before.
// Repeats are found by a unique index, also among nodes and within a batch. A batch whose outcome is unknown (the
// connection broke) is written again without harm. Shutdown: `close` writes what waits.

import { randomUUIDv7 } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Clock } from '../../platform/clock.ts'
import { isCanceled, isConnectionError, isRetryable } from '../../platform/database/errors.ts'
import { AppError } from '../errors.ts'
import { type InboundRow, type NewInboundWebhook, writeInboundBatch } from './write-inbound-batch.ts'

export type InboundWebhookWriterOptions = {
  /** Takes one connection of it at a time. */
  pool: pg.Pool
  clock: Clock
  /** Most webhooks in one statement. */
  batchMax?: number
  /** Most bytes of bodies in one statement, a single larger one apart. */
  batchBytesMax?: number
  /** Most webhooks that may wait; one more is refused with `overloaded`. */
  queueMax?: number
  /** Most bytes of bodies that wait or are being written; more are refused with `overloaded`. */
  heldBytesMax?: number
  /** How long a batch is tried again while the database is away, in milliseconds. Carriers wait some 10 s for an answer. */
  retryForMs?: number
  /** Hears that there is something to apply. */
  onStored?(): void
}

const DEFAULTS = {
  batchMax: 200,
  batchBytesMax: 8 * 1024 * 1024,
  queueMax: 10_000,
  heldBytesMax: 128 * 1024 * 1024,
  retryForMs: 5_000,
  onStored: () => {},
}
const PAUSE_MS = 25
const PAUSE_MS_MAX = 500

type Waiting = { row: InboundRow; resolve(stored: { isRepeat: boolean }): void; reject(error: unknown): void }

export class InboundWebhookWriter {
  #queue: Waiting[] = []
  #heldBytes = 0
  #writing: Promise<void> | undefined
  readonly #options: Required<InboundWebhookWriterOptions>

  constructor(options: InboundWebhookWriterOptions) {
    this.#options = { ...DEFAULTS, ...options }
  }

  /** Stores a webhook once for its kind and key; resolves after the commit. */
  write(webhook: NewInboundWebhook): Promise<{ isRepeat: boolean }> {
    const { queueMax, heldBytesMax, clock } = this.#options
    const bytes = webhook.body.byteLength
    if (this.#queue.length >= queueMax || this.#heldBytes + bytes > heldBytesMax) {
      return Promise.reject(new AppError('overloaded', { retryAfterMs: 1_000 }))
    }
    const { promise, resolve, reject } = Promise.withResolvers<{ isRepeat: boolean }>()
    this.#queue.push({ row: { ...webhook, id: randomUUIDv7(), receivedAt: clock() }, resolve, reject })
    this.#heldBytes += bytes
    this.#writing ??= this.#writeAll()
    return promise
  }

  /** Waits until all that was handed in is stored or refused. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    // What comes in the same turn of the event loop shares the first batch.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch()
      await this.#write(batch, performance.now() + this.#options.retryForMs)
      for (const { row } of batch) this.#heldBytes -= row.body.byteLength
    }
    this.#writing = undefined
  }

  #takeBatch(): Waiting[] {
    const { batchMax, batchBytesMax } = this.#options
    let bytes = 0
    const end = this.#queue.findIndex(({ row }, i) => {
      bytes += row.body.byteLength
      return i === batchMax || (i > 0 && bytes > batchBytesMax)
    })
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end)
  }

  async #write(batch: Waiting[], giveUpAtMs: number): Promise<void> {
    const rows = batch.map(({ row }) => row)
    const written = await this.#retry(rows, giveUpAtMs).catch((error) => this.#recover(batch, { error, giveUpAtMs }))
    if (written === undefined) return
    for (const { row, resolve } of batch) resolve({ isRepeat: !written.has(row.id) })
    if (written.size > 0) this.#options.onStored()
  }

  /** One bad row fails alone. */
  async #recover(batch: Waiting[], { error, giveUpAtMs }: { error: unknown; giveUpAtMs: number }): Promise<undefined> {
    if (batch.length === 1 && !isTransient(error)) return void batch[0]!.reject(error)
    for (const one of batch) {
      if (!isTransient(error) && performance.now() < giveUpAtMs) await this.#write([one], giveUpAtMs)
      else one.reject(new AppError('unavailable', { cause: error, retryAfterMs: 1_000 }))
    }
  }

  async #retry(rows: InboundRow[], giveUpAtMs: number): Promise<Set<string>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await writeInboundBatch(this.#options.pool, rows, { isAgain: attempt > 1 })
      } catch (error) {
        const pauseMs = Math.min(PAUSE_MS * 2 ** (attempt - 1), PAUSE_MS_MAX)
        if (!isTransient(error) || performance.now() + pauseMs > giveUpAtMs) throw error
        await delay(pauseMs)
      }
    }
  }
}

/** Another try may do it: the connection broke, or the database was too slow. */
function isTransient(error: unknown): boolean {
  return isConnectionError(error) || isRetryable(error) || isCanceled(error)
}

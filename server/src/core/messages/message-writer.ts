// The hot path. One writer per node takes the sends that arrive while the previous batch commits and writes them
// with one statement. Ownership: made by runtime.ts, on a connection of its own. Ordering: first come, first
// written; within a conversation the ordinals follow that order. A send is acknowledged after its commit, never
// before. Repeats are rare, so they are not looked for: a unique index refuses them, and the batch is written again
// without them. A message's id is given before it is written, so a batch whose outcome is unknown (the connection
// broke) is written again without harm in the same way. Shutdown: `close` writes what waits.

import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { isConnectionError, isRetryable, isUniqueViolation } from '../../platform/database/errors.ts'
import { AppError } from '../errors.ts'
import type { LoggedEvent } from '../log/events.ts'
import type { Draft, Written } from './draft.ts'
import { type WrittenBatch, writeBatch, writeWithoutRepeats } from './write-batch.ts'

export type MessageWriterOptions = {
  /** The writer keeps one connection of it, because a plan is kept per connection. */
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

// A message may notify thousands. A statement for many such would hold the log for seconds.
const BATCH_NOTICES_MAX = 10_000
const PAUSE_MS = 25
const PAUSE_MS_MAX = 500

type Waiting = { draft: Draft; resolve(written: Written): void; reject(error: unknown): void }

export class MessageWriter {
  readonly #options: MessageWriterOptions
  #queue: Waiting[] = []
  #writing: Promise<void> | undefined
  #client: pg.PoolClient | undefined

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
    this.#disconnect()
  }

  // The next batch is on its way before the last one is announced: the database works while its senders are answered.
  async #writeAll(): Promise<void> {
    // Sends of the same turn of the event loop share the first batch.
    await Promise.resolve()
    let announce = () => {}
    while (this.#queue.length > 0) {
      const { batch, rest } = takeBatch(this.#queue, this.#options.batchMax)
      this.#queue = rest
      const written = this.#write(batch)
      announce()
      announce = await written
    }
    this.#writing = undefined
    announce()
  }

  /** Writes a batch; gives what tells the others and the senders of it. */
  async #write(batch: Waiting[]): Promise<() => void> {
    try {
      const { events, written } = await this.#retry(batch.map(({ draft }) => draft))
      return () => {
        if (events.length > 0) this.#options.onCommitted(events)
        for (const [i, waiting] of batch.entries()) waiting.resolve(written[i]!)
      }
    } catch (error) {
      if (isConnectionError(error)) {
        return () => refuse(batch, new AppError('unavailable', { cause: error, retryAfterMs: 1000 }))
      }
      if (batch.length === 1) return () => refuse(batch, error)
      // One bad row fails alone.
      for (const one of batch) (await this.#write([one]))()
      return () => {}
    }
  }

  async #retry(drafts: Draft[]): Promise<WrittenBatch> {
    const giveUpAt = performance.now() + this.#options.retryForMs
    for (let attempt = 1; ; attempt++) {
      try {
        // Without an await where there is a connection: the statement leaves before anything else is done.
        const client = this.#client ?? (await this.#connect())
        return await (attempt === 1 ? writeBatch : writeWithoutRepeats)(client, drafts, this.#options.nodeId)
      } catch (error) {
        if (isConnectionError(error)) this.#disconnect(error)
        const pauseMs = isWrittenMeanwhile(error) ? 0 : Math.min(PAUSE_MS * 2 ** (attempt - 1), PAUSE_MS_MAX)
        const isTransient = isConnectionError(error) || isRetryable(error) || isWrittenMeanwhile(error)
        if (!isTransient || performance.now() + pauseMs > giveUpAt) throw error
        await delay(pauseMs)
      }
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    this.#client = await this.#options.pool.connect()
    return this.#client
  }

  #disconnect(error?: unknown): void {
    this.#client?.release(error instanceof Error ? error : undefined)
    this.#client = undefined
  }
}

/**
 * The next batch holds no two sends with one client id of the same owner: the second waits, and is then a repeat. It ends with
 * the message whose notices fill it.
 */
function takeBatch(queue: Waiting[], batchMax: number): { batch: Waiting[]; rest: Waiting[] } {
  const batch: Waiting[] = []
  const waitsOn: Waiting[] = []
  const seen = new Set<string>()
  let taken = 0
  let notices = 0
  while (taken < queue.length && batch.length < batchMax && notices < BATCH_NOTICES_MAX) {
    const waiting = queue[taken++]!
    const key = clientKey(waiting.draft)
    if (key !== null && seen.has(key)) {
      waitsOn.push(waiting)
      continue
    }
    if (key !== null) seen.add(key)
    batch.push(waiting)
    notices += waiting.draft.notices.length
  }
  return { batch, rest: [...waitsOn, ...queue.slice(taken)] }
}

/** Whose client id it is, and which: a contact's messages have theirs in common with all of the workspace. */
function clientKey({ authorKind, authorId, workspaceId, clientId }: Draft): string | null {
  return clientId === null ? null : `${authorKind === 'contact' ? workspaceId : authorId} ${clientId}`
}

/**
 * Another node, or our own last attempt on a connection that broke, committed one of these messages while the batch
 * was being written: it is found as a repeat the next time.
 */
function isWrittenMeanwhile(error: unknown): boolean {
  return ONCE.some((name) => isUniqueViolation(error, name))
}

const ONCE = ['messages_client_id_key', 'messages_contact_client_id_key', 'messages_pkey']

function refuse(batch: Waiting[], error: unknown) {
  for (const waiting of batch) waiting.reject(error)
}

// The tail follows the log and hands every event, once and in order of position, to its listeners. Ownership:
// one per node, made by app.ts. Events of this node come by `offer` right after their commit; when they join on
// to what was handed over last they cost no query, otherwise (another node wrote, or positions have a hole)
// the tail reads the log. Other nodes wake it by NOTIFY; a slow poll covers a lost wake-up. `close` stops it.

import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { LOG_CHANNEL } from './append-events.ts'
import type { LoggedEvent } from './events.ts'
import { readHead } from './read-head.ts'

const READ_MAX = 500
const POLL_MS = 1_000
const RECONNECT_MS = 500

export type LogTailOptions = { database: DatabasePool; databaseUrl: string; nodeId: string; log: Logger }
type Listener = (events: LoggedEvent[]) => void

export class LogTail {
  #position = 0
  #reading: Promise<void> | undefined
  #readAgain = false
  #closed = false
  #poll: NodeJS.Timeout | undefined
  #client: pg.Client | undefined
  readonly #listeners: Listener[] = []
  readonly #options: LogTailOptions

  constructor(options: LogTailOptions) {
    this.#options = options
  }

  /** The position up to which everything has been handed over. */
  get position(): number {
    return this.#position
  }

  /** Adds a listener. It is called with the events in order; what it throws is logged and stops nobody. */
  listen(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /** Starts at the log's end: what stands there already is for those who resume. */
  async start(): Promise<void> {
    this.#position = await readHead(this.#options.database.kysely)
    void this.#keepListening()
    this.#poll = setInterval(() => this.wake(), POLL_MS)
    this.#poll.unref()
  }

  /** Takes events of one transaction that this node has just committed. */
  offer(events: LoggedEvent[]): void {
    const first = events[0]
    if (first === undefined || this.#closed) return
    if (first.position === this.#position + 1 && this.#reading === undefined) this.#handOver(events)
    else this.wake()
  }

  /** Reads what is new in the log; while it reads, a further call makes it read once more. */
  wake(): void {
    if (this.#closed) return
    this.#readAgain = true
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined
      if (this.#readAgain) this.wake()
    })
  }

  /** Resolves when everything that was committed before the call has been handed over. */
  async caughtUp(): Promise<void> {
    const head = await readHead(this.#options.database.kysely)
    while (this.#position < head && !this.#closed) {
      const before = this.#position
      this.wake()
      await this.#reading
      if (this.#position === before) await delay(RECONNECT_MS)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#poll)
    await this.#reading
    await this.#client?.end().catch(() => {})
  }

  async #readAll(): Promise<void> {
    while (this.#readAgain && !this.#closed) {
      this.#readAgain = false
      try {
        const events = await readEventsAfter(this.#options.database, this.#position, READ_MAX)
        this.#handOver(events)
        if (events.length === READ_MAX) this.#readAgain = true
      } catch (error) {
        // The poll tries again: a database that went away must not spin this loop.
        this.#options.log.warn({ err: error }, 'the event log cannot be read')
        return
      }
    }
  }

  #handOver(events: LoggedEvent[]): void {
    const last = events.at(-1)
    if (last === undefined) return
    this.#position = last.position
    for (const listener of this.#listeners) {
      try {
        listener(events)
      } catch (error) {
        this.#options.log.error({ err: error }, 'a listener of the event log failed')
      }
    }
  }

  async #keepListening(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#listenUntilLost()
      } catch (error) {
        this.#options.log.warn({ err: error }, 'no wake-ups from other nodes: the poll stands in')
      }
      await delay(RECONNECT_MS, undefined, { ref: false })
    }
  }

  async #listenUntilLost(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#options.databaseUrl, application_name: 'parlance tail' })
    const lost = new Promise<void>((resolve) => {
      client.once('end', resolve)
      client.on('error', () => resolve())
    })
    client.on('notification', ({ payload }) => {
      if (payload !== this.#options.nodeId) this.wake()
    })
    this.#client = client
    try {
      await client.connect()
      await client.query(`listen ${LOG_CHANNEL}`)
      this.wake()
      await lost
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/** The events after a position, oldest first. */
export async function readEventsAfter(database: DatabasePool, position: number, limit: number): Promise<LoggedEvent[]> {
  const rows = await database.kysely
    .selectFrom('events')
    .selectAll()
    .where('position', '>', position)
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows as unknown as LoggedEvent[]
}

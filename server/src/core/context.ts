import { randomUUIDv7 } from 'node:crypto'
import { sql } from 'kysely'
import type { Clock, Timestamp } from '../platform/clock.ts'
import type { Database, DatabasePool } from '../platform/database/database.ts'
import { isConnectionError, isRetryable } from '../platform/database/errors.ts'
import type { Logger } from '../platform/log.ts'
import type { Actor } from './actor.ts'
import { AppError } from './errors.ts'
import { appendEvents } from './log/append-events.ts'
import type { LoggedEvent, NewEvent } from './log/events.ts'
import type { Ports } from './ports.ts'

/** What an operation works with: its first argument, always. */
export type Context<A extends Actor = Actor> = {
  db: Database
  actor: A
  now(): Timestamp
  newId(): string
  /** Announces a change: written with the transaction, told to others after its commit. Only inside one. */
  record(event: NewEvent): void
  /** Adds a job to the queue, as part of the transaction. Only inside one. */
  enqueue(job: Job): Promise<void>
  /**
   * Runs `fn` in a transaction, with a context of its own that shadows the outer one. Inside a transaction it
   * joins. May run `fn` again after a deadlock, so `fn` touches nothing but the database.
   */
  transaction<T>(fn: (ctx: Context<A>) => Promise<T>): Promise<T>
  log: Logger
  ports: Ports
}

export type Job = {
  task: string
  payload: Record<string, unknown>
  /** A job with the same key that has not run yet is replaced. */
  key?: string
  runAt?: Timestamp
  /** Tries before the job is given up; 25 unless said. */
  attemptsMax?: number
}

/** What all contexts of a running program share. */
export type Core = {
  database: DatabasePool
  ports: Ports
  log: Logger
  clock: Clock
  nodeId: string
  /** Hears of events that are committed, in the order of their positions for one transaction. */
  onCommitted(events: LoggedEvent[]): void
}

const TRANSACTION_TRIES = 4

export function createContext<A extends Actor>(core: Core, actor: A, log: Logger = core.log): Context<A> {
  const ctx: Context<A> = {
    db: core.database.kysely,
    actor,
    now: core.clock,
    newId: randomUUIDv7,
    record: refuseOutsideTransaction,
    enqueue: refuseOutsideTransaction,
    transaction: (fn) => runTransaction(core, ctx, fn),
    log,
    ports: core.ports,
  }
  return ctx
}

function refuseOutsideTransaction(): never {
  throw new Error('Only inside ctx.transaction: a change, its events and its jobs commit together.')
}

async function runTransaction<T, A extends Actor>(
  core: Core,
  outer: Context<A>,
  fn: (ctx: Context<A>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { outcome, events } = await attemptTransaction(core, outer, fn)
      if (events.length > 0) core.onCommitted(events)
      return outcome()
    } catch (error) {
      if (isRetryable(error) && attempt < TRANSACTION_TRIES) continue
      if (isConnectionError(error)) throw new AppError('unavailable', { cause: error, retryAfterMs: 1000 })
      throw error
    }
  }
}

async function attemptTransaction<T, A extends Actor>(
  core: Core,
  outer: Context<A>,
  fn: (ctx: Context<A>) => Promise<T>,
): Promise<{ outcome: () => T; events: LoggedEvent[] }> {
  return core.database.kysely.transaction().execute(async (db) => {
    const recorded: NewEvent[] = []
    const ctx: Context<A> = {
      ...outer,
      db,
      record: (event) => void recorded.push(event),
      enqueue: (job) => addJob(db, job),
      transaction: (inner) => inner(ctx),
    }
    const outcome = await settle(() => fn(ctx))
    const events = await appendEvents(db, { events: recorded, at: outer.now(), nodeId: core.nodeId })
    return { outcome, events }
  })
}

/** A refusal that keeps its changes is an outcome to commit; any other error undoes the transaction. */
async function settle<T>(work: () => Promise<T>): Promise<() => T> {
  try {
    const result = await work()
    return () => result
  } catch (error) {
    if (!(error instanceof AppError) || !error.keepsChanges) throw error
    return () => {
      throw error
    }
  }
}

async function addJob(db: Database, job: Job): Promise<void> {
  await sql`select graphile_worker.add_job(
    ${job.task}, payload => ${JSON.stringify(job.payload)}::json, run_at => ${job.runAt ?? null}::timestamptz,
    max_attempts => ${job.attemptsMax ?? 25}, job_key => ${job.key ?? null})`.execute(db)
}

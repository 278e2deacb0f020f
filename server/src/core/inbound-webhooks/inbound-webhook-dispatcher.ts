// Applies what is pending in inbound_webhooks. Ownership: one per node; all nodes share the table. Ordering: webhooks begin in
// the order in which they came, several at once, so appliers must not depend on it. A webhook is leased to the node that
// applies it: a node that dies leaves leases that end within a minute, and then another one applies it, perhaps for the
// second time. In turns, and one turn at a time, results are written and new webhooks claimed. A turn that is lost with a
// crash of the database is only done again, so its commit is not waited for. Shutdown: `close` gives back what has not begun
// and waits a little for what has.

import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { isCanceled, isConnectionError, isRetryable } from '../../platform/database/errors.ts'
import { SYSTEM } from '../actor.ts'
import { type Core, createContext } from '../context.ts'
import { Turns } from '../turns.ts'
import { type Attempt, applyWebhooks } from './apply-webhooks.ts'
import { type Claim, claimInboundWebhooks } from './claim-inbound-webhooks.ts'
import { type Group, groupClaims } from './group-claims.ts'
import { judgeAttempt } from './judge-attempt.ts'
import { ATTEMPTS_MAX } from './plan-next-attempt.ts'
import type { Appliers } from './schema.ts'
import { type ApplyResult, writeApplyResults } from './write-apply-results.ts'

export type InboundWebhookDispatcherOptions = {
  core: Core
  appliers: Appliers
  /** Most calls of appliers at once; each may take a connection. */
  atOnce?: number
  /** Most webhooks in one call. */
  batchMax?: number
  /** Most webhooks that are claimed at once. */
  rowsMax?: number
  /** Most bytes of their bodies, a last one apart. */
  bytesMax?: number
  /** For one call, in milliseconds; less than a lease. */
  timeoutMs?: number
  /** How often what has become due is looked for, in milliseconds. */
  pollMs?: number
  /** From 0 to 1. */
  random?(): number
  /** Hears of every attempt. */
  onResult?(result: ApplyResult): void
}

const DEFAULTS = {
  atOnce: 4,
  batchMax: 100,
  rowsMax: 400,
  bytesMax: 64 * 1024 * 1024,
  timeoutMs: 45_000,
  pollMs: 500,
  random: Math.random,
  onResult: () => {},
}
const CLOSE_MS = 3_000

type Finished = { claim: Claim; result: ApplyResult }

export class InboundWebhookDispatcher {
  /** Claimed, until their results are written. */
  #claims = new Set<Claim>()
  #waiting: Group[] = []
  #running = new Set<Promise<void>>()
  #finished: Finished[] = []
  readonly #turns: Turns
  #abandoned = false
  readonly #options: Required<InboundWebhookDispatcherOptions>

  constructor(options: InboundWebhookDispatcherOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#turns = new Turns({ turn: () => this.#turn(), pollMs: this.#options.pollMs })
  }

  start(): void {
    this.#turns.start()
  }

  /** There may be something to apply. */
  wake(): void {
    this.#turns.wake()
  }

  /** Begins nothing any more and waits for what is under way. What has not ended then is applied by another node. */
  async close(graceMs = CLOSE_MS): Promise<void> {
    await this.#turns.stop()
    for (const { claims } of this.#waiting.splice(0)) {
      this.#finish(claims.map((claim) => ({ claim, outcome: 'untried' })))
    }
    await Promise.race([Promise.all(this.#running), delay(graceMs, undefined, { ref: false })])
    this.#abandoned = true
    if (this.#finished.length > 0) await this.#turn()
  }

  /** False where the database did not do it: the poll tries again. */
  async #turn(): Promise<boolean> {
    const { core } = this.#options
    const finished = this.#finished.splice(0)
    try {
      const claims = await this.#writeAndClaim(finished)
      this.#release(finished)
      this.#take(claims)
      return true
    } catch (error) {
      core.log.warn({ err: error }, 'what came in waits')
      // Anything else would fail again: then the leases end, and the webhooks are applied once more.
      if (isTransient(error)) this.#finished.unshift(...finished)
      else this.#release(finished)
      return false
    }
  }

  async #writeAndClaim(finished: Finished[]): Promise<Claim[]> {
    const { core, rowsMax, bytesMax } = this.#options
    return core.database.kysely.transaction().execute(async (db) => {
      await sql`set local synchronous_commit = off`.execute(db)
      await writeApplyResults(
        db,
        finished.map(({ result }) => result),
      )
      const held = this.#claims.difference(new Set(finished.map(({ claim }) => claim)))
      const heldBytes = [...held].reduce((sum, { body }) => sum + body.byteLength, 0)
      // Many together, so that batches stay large: not one for each that has ended.
      if (this.#turns.isStopped || held.size > rowsMax / 2 || heldBytes >= bytesMax) return []
      const limits = { now: core.clock(), rowsMax: rowsMax - held.size, bytesMax: bytesMax - heldBytes }
      return claimInboundWebhooks(db, limits)
    })
  }

  #take(claims: Claim[]): void {
    for (const claim of claims) this.#claims.add(claim)
    // Whoever attempted it so often never told how it went: it may be what ends processes.
    const [fair, deadly] = partition(claims, ({ number }) => number <= ATTEMPTS_MAX)
    const { groups, unknown } = groupClaims(fair, this.#options)
    this.#finish([
      ...deadly.map((claim) => ({ claim, error: new Error(`It never ended, ${ATTEMPTS_MAX} times.`) })),
      ...unknown.map((claim) => ({ claim, outcome: 'unknown' as const })),
    ])
    this.#waiting.push(...groups)
    this.#beginSome()
  }

  #beginSome(): void {
    while (!this.#turns.isStopped && this.#running.size < this.#options.atOnce && this.#waiting.length > 0) {
      const running = this.#apply(this.#waiting.shift()!).finally(() => {
        this.#running.delete(running)
        this.#beginSome()
      })
      this.#running.add(running)
    }
  }

  async #apply({ applier, claims }: Group): Promise<void> {
    const { core, timeoutMs } = this.#options
    const mayBegin = ({ leaseEndsAt }: Claim) => !this.#turns.isStopped && core.clock() < leaseEndsAt
    this.#finish(await applyWebhooks(createContext(core, SYSTEM), { applier, claims, timeoutMs, mayBegin }))
  }

  #finish(attempts: Attempt[]): void {
    if (this.#abandoned || attempts.length === 0) return
    const { core, random, onResult } = this.#options
    for (const attempt of attempts) {
      const result = judgeAttempt(attempt, { now: core.clock(), random: random(), log: core.log })
      if (!result.isUntried) onResult(result)
      this.#finished.push({ claim: attempt.claim, result })
    }
    this.wake()
  }

  #release(finished: Finished[]): void {
    for (const { claim } of finished) this.#claims.delete(claim)
  }
}

function isTransient(error: unknown): boolean {
  return isConnectionError(error) || isRetryable(error) || isCanceled(error)
}

function partition<T>(items: T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

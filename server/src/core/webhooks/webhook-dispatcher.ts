// Sends what is pending in webhook_deliveries. Ownership: one per node, made by app.ts once the server takes requests;
// all nodes share the table. Ordering: each endpoint's first attempts begin in the order of the log. A delivery is
// leased to the node that attempts it: a node that dies leaves leases that end within seconds, and then another node
// attempts it again, so a receiver may see one twice but never misses one. In turns, and one turn at a time, results are
// written and new deliveries claimed, so that many attempts share a transaction. A turn that is lost with a crash of the
// database is only done again, so its commit is not waited for. Shutdown: `close` waits a little for what is under way.

import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { isConnectionError, isRetryable } from '../../platform/database/errors.ts'
import { SYSTEM } from '../actor.ts'
import { type Core, createContext } from '../context.ts'
import { AppError } from '../errors.ts'
import { Turns } from '../turns.ts'
import { allotSlots } from './allot-slots.ts'
import { type Claim, claimDeliveries, listDueEndpoints, lockClaims } from './claim-deliveries.ts'
import { disableEndpoint } from './disable-endpoint.ts'
import { type AttemptResult, judgeReply } from './judge-reply.ts'
import type { DisabledReason, PresentEvent } from './schema.ts'
import { sendWebhook } from './send-webhook.ts'
import { SlowEndpoints } from './slow-endpoints.ts'
import { writeResults } from './write-results.ts'

export type WebhookDispatcherOptions = {
  core: Core
  present: PresentEvent
  /** Most requests at once to one endpoint, from all nodes together. */
  perEndpoint?: number
  /** Most requests at once from this node. */
  inFlightMax?: number
  /** For one request, name and connection included, in milliseconds. */
  timeoutMs?: number
  /** How often what has become due is looked for, in milliseconds. */
  pollMs?: number
  /** From 0 to 1. */
  random?(): number
  /** Hears of every attempt. */
  onResult?(result: AttemptResult): void
}

const DEFAULTS = {
  perEndpoint: 8,
  inFlightMax: 64,
  timeoutMs: 15_000,
  pollMs: 500,
  random: Math.random,
  onResult: () => {},
}
/** The part of the requests that endpoints may have that failed or were slow. */
const SLOW_PART = 1 / 4
const CLOSE_MS = 3_000

type InFlight = { endpointId: string; isSlow: boolean; startedAtMs: number; done: Promise<void> }
type Finished = { attempt: InFlight; result: AttemptResult; disable: DisabledReason | undefined }

export class WebhookDispatcher {
  #inFlight = new Set<InFlight>()
  #finished: Finished[] = []
  #slow = new SlowEndpoints()
  readonly #turns: Turns
  #abandoned = false
  #after: string | undefined
  readonly #options: Required<WebhookDispatcherOptions>

  constructor(options: WebhookDispatcherOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#turns = new Turns({ turn: () => this.#turn(), pollMs: this.#options.pollMs })
  }

  start(): void {
    this.#turns.start()
  }

  /** There may be something to send. */
  wake(): void {
    this.#turns.wake()
  }

  /** Begins no attempt any more and waits for those under way. What has not ended then is attempted by another node. */
  async close(graceMs = CLOSE_MS): Promise<void> {
    await this.#turns.stop()
    const all = Promise.all([...this.#inFlight].map(({ done }) => done))
    await Promise.race([all, delay(graceMs, undefined, { ref: false })])
    this.#abandoned = true
    if (this.#finished.length > 0) await this.#turn()
  }

  /** False where the database did not do it: the poll tries again. */
  async #turn(): Promise<boolean> {
    const { core } = this.#options
    const finished = this.#finished.splice(0)
    try {
      // First, so that nothing more is claimed for who wants nothing more.
      for (const { result, disable } of finished) {
        if (disable !== undefined) await this.#disable(result.endpointId, disable)
      }
      const { failing, claims } = await this.#writeAndClaim(finished.map(({ result }) => result))
      this.#release(finished)
      for (const claim of claims) this.#begin(claim)
      // What goes wrong here is found again with the endpoint's next failure.
      for (const endpointId of failing) {
        await this.#disable(endpointId, 'failing').catch((error) => core.log.warn({ err: error }, 'not disabled yet'))
      }
      return true
    } catch (error) {
      core.log.warn({ err: error }, 'webhooks wait')
      // Anything else would fail again: then the leases end, and the deliveries are attempted once more.
      if (isTransient(error)) this.#finished.unshift(...finished)
      else this.#release(finished)
      return false
    }
  }

  async #writeAndClaim(results: AttemptResult[]): Promise<{ failing: string[]; claims: Claim[] }> {
    const { core, perEndpoint } = this.#options
    const now = core.clock()
    return core.database.kysely.transaction().execute(async (db) => {
      await sql`set local synchronous_commit = off`.execute(db)
      await lockClaims(db)
      const failing = await writeResults(db, { results, now })
      const slots = this.#countFree(results.length)
      if (this.#turns.isStopped || (slots.quick <= 0 && slots.slow <= 0)) return { failing, claims: [] }
      const { endpoints: due, next } = await listDueEndpoints(db, { now, after: this.#after })
      // Where this turn did not reach the end, another one goes on there.
      if (next !== undefined || this.#after !== undefined) this.#turns.wake()
      this.#after = next
      const requests = allotSlots({ due, slots, perEndpoint, isSlow: (id) => this.#isSlow(id) })
      if (requests.length === 0) return { failing, claims: [] }
      return { failing, claims: await claimDeliveries(db, { now, nodeId: core.nodeId, requests }) }
    })
  }

  /** The slots of attempts whose results are just being written count as free. */
  #countFree(finished: number) {
    const { inFlightMax } = this.#options
    const slowMax = Math.max(1, Math.floor(inFlightMax * SLOW_PART))
    const attempts = [...this.#inFlight]
    const slow = attempts.filter(({ isSlow }) => isSlow).length
    const total = inFlightMax - attempts.length + finished
    const quickFree = Math.max(0, inFlightMax - slowMax - (attempts.length - slow) + finished)
    const quick = Math.min(total, quickFree)
    return { quick, slow: Math.max(0, Math.min(slowMax - slow, total - quick)) }
  }

  #isSlow(endpointId: string): boolean {
    return this.#slow.has(endpointId) || [...this.#inFlight].some((one) => one.endpointId === endpointId && isLong(one))
  }

  #begin(claim: Claim): void {
    const { endpointId } = claim
    const attempt: InFlight = {
      endpointId,
      isSlow: this.#slow.has(endpointId),
      startedAtMs: performance.now(),
      done: Promise.resolve(),
    }
    this.#inFlight.add(attempt)
    attempt.done = this.#attempt(claim, attempt)
  }

  async #attempt(claim: Claim, attempt: InFlight): Promise<void> {
    const { core, present, timeoutMs, random, onResult } = this.#options
    const { outgoing, sealer } = core.ports
    const startedAt = core.clock()
    const reply = await sendWebhook({ outgoing, sealer, present, timeoutMs }, claim, startedAt).catch((error) => {
      core.log.error({ err: error, delivery: claim.deliveryId }, 'a webhook could not be made')
      return { error: 'the event could not be written' }
    })
    const durationMs = performance.now() - attempt.startedAtMs
    const judged = judgeReply(reply, { claim, startedAt, now: core.clock(), durationMs, random: random() })
    this.#slow.note(claim.endpointId, { isWell: judged.result.status === 'delivered', durationMs })
    if (this.#abandoned) return
    onResult(judged.result)
    this.#finished.push({ attempt, ...judged })
    this.wake()
  }

  #release(finished: Finished[]): void {
    for (const { attempt } of finished) this.#inFlight.delete(attempt)
  }

  async #disable(endpointId: string, reason: DisabledReason): Promise<void> {
    const ctx = createContext(this.#options.core, SYSTEM)
    await disableEndpoint(ctx, { endpointId, reason })
    ctx.log.info({ endpoint: endpointId, reason }, 'a webhook endpoint was disabled')
  }
}

function isTransient(error: unknown): boolean {
  return isConnectionError(error) || isRetryable(error) || (error instanceof AppError && error.kind === 'unavailable')
}

const LONG_MS = 1_000

function isLong({ startedAtMs }: InFlight): boolean {
  return performance.now() - startedAtMs > LONG_MS
}

// Hands over what is due in deliveries. Ownership: one per node, made by app.ts once the server takes requests; all
// nodes share the table. A claim is committed before the message is handed over, and only an answer that it was not
// taken puts it back: so a node that dies in between leaves messages in doubt, and none that go out twice. Ordering: to
// one recipient from one sender one at a time, in the order in which they were written; a message that is offered
// again later is in nobody's way. Each sender has slots of its own, and a carrier that fails is left alone for a while
// (circuit-breaker.ts). Shutdown: `close` waits for what is under way, and breaks off what takes too long.

import { setTimeout as delay } from 'node:timers/promises'
import { isConnectionError, isRetryable } from '../../platform/database/errors.ts'
import { SYSTEM } from '../actor.ts'
import { requireSendable } from '../consents/require-sendable.ts'
import { type Core, createContext } from '../context.ts'
import { AppError } from '../errors.ts'
import { Turns } from '../turns.ts'
import { applySteps } from './apply-steps.ts'
import type { Carrier, Handover } from './carrier.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { type Claim, claimDeliveries, type DueSender, listDueSenders, lockClaims } from './claim-deliveries.ts'
import { judgeHandover } from './judge-handover.ts'
import type { HeardStep } from './schema.ts'
import { sweepStuckDeliveries } from './sweep-deliveries.ts'
import { toOutgoing } from './to-outgoing.ts'

export type DeliveryDispatcherOptions = {
  core: Core
  /** Those that are set up; what is for another one waits. */
  carriers: readonly Carrier[]
  /** Where a carrier reports what becomes of a delivery; null where it cannot reach us. */
  statusUrl(claim: Claim): string | null
  /** Most handovers at once for one sender, from all nodes together. */
  perSender?: number
  /** Most handovers at once from this node. */
  inFlightMax?: number
  /** For one handover, in milliseconds; well below the lease. */
  timeoutMs?: number
  /** How often what has become due is looked for, in milliseconds. */
  pollMs?: number
  /** From 0 to 1. */
  random?(): number
}

const DEFAULTS = { perSender: 16, inFlightMax: 128, timeoutMs: 30_000, pollMs: 500, random: Math.random }
const SWEEP_EVERY_MS = 5_000
const CLOSE_MS = 5_000
const BREAK_OFF_MS = 500

type InFlight = { carrier: string; done: Promise<void> }

export class DeliveryDispatcher {
  #inFlight = new Set<InFlight>()
  #finished: { handover: InFlight; step: HeardStep }[] = []
  readonly #turns: Turns
  #after: string | undefined
  #sweptAtMs = Number.NEGATIVE_INFINITY
  readonly #breakOff = new AbortController()
  readonly #carriers: Map<string, { carrier: Carrier; breaker: CircuitBreaker }>
  readonly #options: Required<DeliveryDispatcherOptions>

  constructor(options: DeliveryDispatcherOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#turns = new Turns({ turn: () => this.#turn(), pollMs: this.#options.pollMs })
    const { carriers, random } = this.#options
    this.#carriers = new Map(
      carriers.map((carrier) => [carrier.name, { carrier, breaker: new CircuitBreaker(random) }]),
    )
  }

  start(): void {
    this.#turns.start()
  }

  /** There may be something to hand over. */
  wake(): void {
    this.#turns.wake()
  }

  /** Begins nothing any more, waits for what is under way, and breaks off what takes longer than the grace. */
  async close(graceMs = CLOSE_MS): Promise<void> {
    await this.#turns.stop()
    const all = Promise.all([...this.#inFlight].map(({ done }) => done))
    await Promise.race([all, delay(graceMs, undefined, { ref: false })])
    this.#breakOff.abort()
    // A carrier that does not let go all the same leaves its messages in doubt.
    await Promise.race([all, delay(BREAK_OFF_MS, undefined, { ref: false })])
    await this.#writeFinished()
  }

  /** False where the database did not do it: the poll tries again. */
  async #turn(): Promise<boolean> {
    return (await this.#writeFinished()) && (await this.#claim())
  }

  async #writeFinished(): Promise<boolean> {
    const { core } = this.#options
    const finished = this.#finished.splice(0)
    try {
      await applySteps(
        createContext(core, SYSTEM),
        finished.map(({ step }) => step),
      )
    } catch (error) {
      core.log.warn({ err: error }, 'results of handovers wait')
      if (isTransient(error)) {
        this.#finished.unshift(...finished)
        return false
      }
      // Anything else would fail again: then they are in doubt once their lease has ended.
    }
    for (const { handover } of finished) this.#inFlight.delete(handover)
    return true
  }

  async #claim(): Promise<boolean> {
    const { core } = this.#options
    try {
      await this.#sweep()
      for (const claim of await this.#takeClaims()) this.#begin(claim)
      return true
    } catch (error) {
      core.log.warn({ err: error }, 'deliveries wait')
      return false
    }
  }

  async #sweep(): Promise<void> {
    const nowMs = performance.now()
    if (nowMs < this.#sweptAtMs + SWEEP_EVERY_MS) return
    this.#sweptAtMs = nowMs
    const swept = await sweepStuckDeliveries(createContext(this.#options.core, SYSTEM))
    if (swept > 0) this.#options.core.log.warn({ deliveries: swept }, 'handovers were interrupted')
  }

  async #takeClaims(): Promise<Claim[]> {
    const { core, inFlightMax } = this.#options
    const free = inFlightMax - this.#inFlight.size
    if (this.#turns.isStopped || free <= 0) return []
    const now = core.clock()
    return core.database.kysely.transaction().execute(async (db) => {
      await lockClaims(db)
      const { senders, next } = await listDueSenders(db, { now, after: this.#after })
      // Where this turn did not reach the end, another one goes on there.
      if (next !== undefined || this.#after !== undefined) this.#turns.wake()
      this.#after = next
      const requests = this.#allot(senders, free)
      return claimDeliveries(db, { now, nodeId: core.nodeId, requests })
    })
  }

  /** Slots go round the senders one by one, so that one with a campaign leaves room for those with little. */
  #allot(senders: DueSender[], free: number) {
    const { perSender } = this.#options
    const nowMs = performance.now()
    const open = new Map([...this.#carriers].map(([name, { breaker }]) => [name, breaker.slots(nowMs)]))
    const requests = senders.map(({ senderId }) => ({ senderId, deliveries: 0 }))
    let left = free
    for (let round = 1; round <= perSender && left > 0; round++) {
      for (const [i, { carrier, inFlight }] of senders.entries()) {
        const slots = open.get(carrier) ?? 0
        if (left === 0 || slots === 0 || inFlight + round > perSender) continue
        requests[i]!.deliveries++
        open.set(carrier, slots - 1)
        left--
      }
    }
    return requests.filter(({ deliveries }) => deliveries > 0)
  }

  #begin(claim: Claim): void {
    const handover: InFlight = { carrier: claim.carrier, done: Promise.resolve() }
    this.#inFlight.add(handover)
    this.#carriers.get(claim.carrier)!.breaker.begin()
    handover.done = this.#handOver(claim, handover)
  }

  async #handOver(claim: Claim, handover: InFlight): Promise<void> {
    const { core, random } = this.#options
    const refusal = await this.#findRefusal(claim)
    const result = refusal ?? (await this.#ask(claim))
    const isWell = refusal === undefined ? isAnswered(result) : undefined
    this.#carriers.get(claim.carrier)!.breaker.end({ isWell, nowMs: performance.now() })
    this.#finished.push({ handover, step: judgeHandover(result, { claim, now: core.clock(), random: random() }) })
    this.wake()
  }

  /** What happened since the message was accepted may forbid it: then the carrier never hears of it. */
  async #findRefusal(claim: Claim): Promise<Handover | undefined> {
    const { contactId: id, workspaceId, transport, to: address, lastInboundAt } = claim
    const ctx = createContext(this.#options.core, SYSTEM)
    try {
      await requireSendable(ctx, { contact: { id, workspaceId }, transport, address, kind: 'text', lastInboundAt })
      return undefined
    } catch (error) {
      const isFinal = error instanceof AppError && error.kind !== 'unavailable'
      const code = isFinal ? error.code : 'unavailable'
      const reason = isFinal ? error.message : 'Whether it may be sent could not be looked up.'
      return { outcome: 'refused', isFinal, code, reason, retryAfterMs: null }
    }
  }

  async #ask(claim: Claim): Promise<Handover> {
    const { core, statusUrl, timeoutMs } = this.#options
    const signal = AbortSignal.any([this.#breakOff.signal, AbortSignal.timeout(timeoutMs)])
    try {
      const message = toOutgoing(core, claim, statusUrl(claim))
      return await this.#carriers.get(claim.carrier)!.carrier.handOver(message, signal)
    } catch (error) {
      core.log.error({ err: error, delivery: claim.deliveryId }, 'a handover failed in an unforeseen way')
      const reason = 'Handing over failed in an unforeseen way: look at the log.'
      return { outcome: 'unknown', code: 'internal', reason }
    }
  }
}

/** Whether the carrier works, whatever it said of this message. */
function isAnswered(result: Handover): boolean {
  return result.outcome === 'accepted' || (result.outcome === 'refused' && result.isDown !== true)
}

function isTransient(error: unknown): boolean {
  return isConnectionError(error) || isRetryable(error) || (error instanceof AppError && error.kind === 'unavailable')
}

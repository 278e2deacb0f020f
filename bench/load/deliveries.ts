import type { CpuProcesses, CpuSample } from './cpu.ts'
import { sampleCpu, subtractCpu } from './cpu.ts'
import { type DeliveryConservation, DeliveryLedger } from './delivery-ledger.ts'
import { Histogram, type Quantiles } from './histogram.ts'
import { HttpConnection } from './http-connection.ts'
import { areDigitsAt, findDigits, readDigits } from './ledger.ts'
import { Subscriber } from './subscriber.ts'
import { encodeSend } from './team-chat.ts'

export type DeliveriesTask = {
  kind: 'deliveries'
  port: number
  cpu: CpuProcesses
  channelId: string
  senderTokens: string[]
  subscriberTokens: string[]
  /** Most messages that have been sent and have not yet come to every subscriber: 1 is one at a time. */
  window: number
  warmUpMs: number
  measureMs: number
}

export type DeliveriesResult = {
  deliveriesPerS: number
  messagesPerS: number
  /** From sending a message until a subscriber has it. */
  latencyUs: Quantiles
  /** Processor time per delivery, in microseconds. */
  cpu: CpuSample
  failures: number
  frameBytes: number
  conservation: DeliveryConservation
}

const MESSAGES_MAX = 60_000
const CONNECTING_MAX = 50
const READY_TIMEOUT_MS = 60_000
// Presence of a thousand sign-ins, and what else follows them.
const SETTLE_MS = 1_000
// A server says so once it has begun to pass on what happens.
const READY = Buffer.from('"event":"READY"')
const DRAIN_TIMEOUT_MS = 15_000

export async function runDeliveries(task: DeliveriesTask): Promise<DeliveriesResult> {
  const run = new DeliveryRun(task)
  try {
    await run.open()
    return await run.measure()
  } finally {
    run.close()
  }
}

class DeliveryRun {
  readonly #task: DeliveriesTask
  readonly #ledger: DeliveryLedger
  readonly #latencyUs = new Histogram()
  readonly #sentAt = new Float64Array(MESSAGES_MAX)
  readonly #subscribers: Subscriber[] = []
  readonly #idle: HttpConnection[] = []
  readonly #lanes: HttpConnection[] = []
  #isSending = false
  #isMeasuring = false
  #undelivered = 0
  #failures = 0
  #digitsHint = 0
  #frameBytes = 0
  #ready = 0

  constructor(task: DeliveriesTask) {
    this.#task = task
    this.#ledger = new DeliveryLedger(task.subscriberTokens.length, MESSAGES_MAX)
  }

  async open(): Promise<void> {
    const { port, subscriberTokens, window } = this.#task
    for (let at = 0; at < subscriberTokens.length; at += CONNECTING_MAX) {
      const tokens = subscriberTokens.slice(at, at + CONNECTING_MAX)
      const opened = tokens.map((token, i) => {
        const onText = (bytes: Buffer, start: number, end: number) => this.#receive(at + i, bytes, start, end)
        return new Subscriber({ port, path: '/ws', token, onText })
      })
      this.#subscribers.push(...opened)
      await Promise.all(opened.map((subscriber) => subscriber.opened))
    }
    for (let i = 0; i < window; i++) this.#lanes.push(await HttpConnection.open(port))
    this.#idle.push(...this.#lanes)
    await this.#waitUntilReady()
    await sleep(SETTLE_MS)
  }

  async measure(): Promise<DeliveriesResult> {
    const { warmUpMs, measureMs, cpu } = this.#task
    this.#isSending = true
    this.#sendMore()
    await sleep(warmUpMs)
    this.#isMeasuring = true
    const start = { at: performance.now(), deliveries: this.#ledger.deliveries, cpu: sampleCpu(cpu) }
    await sleep(measureMs)
    const end = { at: performance.now(), deliveries: this.#ledger.deliveries, cpu: sampleCpu(cpu) }
    this.#isMeasuring = false
    await this.#drain()
    const deliveries = end.deliveries - start.deliveries
    const perSecond = deliveries / ((end.at - start.at) / 1000)
    const used = subtractCpu(end.cpu, start.cpu)
    return {
      deliveriesPerS: perSecond,
      messagesPerS: perSecond / this.#task.subscriberTokens.length,
      latencyUs: this.#latencyUs.quantiles(),
      cpu: {
        serverUs: used.serverUs / deliveries,
        databaseUs: used.databaseUs / deliveries,
        clientUs: used.clientUs / deliveries,
      },
      failures: this.#failures,
      frameBytes: this.#frameBytes,
      conservation: this.#ledger.check(this.#subscribers.filter((one) => one.closeCode !== undefined).length),
    }
  }

  close(): void {
    for (const subscriber of this.#subscribers) subscriber.close()
    for (const lane of this.#lanes) lane.close()
  }

  async #waitUntilReady(): Promise<void> {
    const giveUpAt = performance.now() + READY_TIMEOUT_MS
    while (this.#ready < this.#subscribers.length) {
      if (performance.now() > giveUpAt) throw new Error(`Only ${this.#ready} subscribers became ready.`)
      await sleep(20)
    }
  }

  #sendMore(): void {
    while (this.#isSending && this.#undelivered < this.#task.window && this.#ledger.messages < MESSAGES_MAX) {
      const lane = this.#idle.pop()
      if (!lane) return
      const number = this.#ledger.send()
      const token = this.#task.senderTokens[number % this.#task.senderTokens.length]!
      this.#undelivered++
      this.#sentAt[number] = performance.now()
      lane.request(encodeSend(this.#task.channelId, token, number), (status) => this.#acknowledge(lane, status))
    }
  }

  #acknowledge(lane: HttpConnection, status: number): void {
    if (status !== 201) this.#failures++
    this.#idle.push(lane)
    this.#sendMore()
  }

  #receive(subscriber: number, bytes: Buffer, start: number, end: number): void {
    // Frames of one kind are alike, so the number mostly stands where it stood in the frame before.
    const hinted = start + this.#digitsHint
    const at = areDigitsAt(bytes, hinted, end) ? hinted : findDigits(bytes, start, end)
    if (at === -1) {
      if (bytes.subarray(start, end).includes(READY)) this.#ready++
      return
    }
    this.#digitsHint = at - start
    this.#frameBytes = end - start
    const number = readDigits(bytes, at)
    const isComplete = this.#ledger.deliver(subscriber, number)
    if (this.#isMeasuring) this.#latencyUs.add((performance.now() - this.#sentAt[number]!) * 1000)
    if (!isComplete) return
    this.#undelivered--
    this.#sendMore()
  }

  async #drain(): Promise<void> {
    this.#isSending = false
    const giveUpAt = performance.now() + DRAIN_TIMEOUT_MS
    while (this.#undelivered > 0 && performance.now() < giveUpAt) await sleep(10)
    // Time for what would come twice.
    await sleep(200)
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

// Drives requests over keep-alive connections, one at a time on each. A closed loop sends the next request when the
// reply is there: it finds the most that the server can do. An open loop sends at given moments whether or not the
// server keeps up, and counts latency from the moment a request was due, so that a server that stalls cannot hide it.

import { PoissonArrivals } from './arrivals.ts'
import { type CpuProcesses, type CpuSample, sampleCpu, subtractCpu } from './cpu.ts'
import { Histogram, type Quantiles } from './histogram.ts'
import { HttpConnection } from './http-connection.ts'

/** What is sent, and what is made of the replies. A lane is a connection. */
export type Workload = {
  next(lane: number): string
  /** Takes the reply to the lane's last request; false when it is not what it should be. */
  settle(lane: number, status: number, body: Buffer): boolean
}

export type Pace = {
  lanes: number
  warmUpMs: number
  measureMs: number
  /** Requests per second of an open loop; without it the loop is closed. */
  ratePerS?: number
}

export type Measured = {
  operations: number
  failures: number
  seconds: number
  perSecond: number
  latencyUs: Quantiles
  /** Processor time per operation, in microseconds. */
  cpu: CpuSample
  /** Requests that were due and had not been sent at the end: an open loop that the server could not keep up with. */
  unsent: number
}

const DRAIN_TIMEOUT_MS = 15_000

export async function drive(workload: Workload, { port, pace, cpu }: { port: number; pace: Pace; cpu: CpuProcesses }) {
  const lanes = await Promise.all(Array.from({ length: pace.lanes }, () => HttpConnection.open(port)))
  try {
    return await new Run(workload, lanes, pace).measure(cpu)
  } finally {
    for (const lane of lanes) lane.close()
  }
}

class Run {
  readonly #workload: Workload
  readonly #lanes: HttpConnection[]
  readonly #pace: Pace
  readonly #latencyUs = new Histogram()
  readonly #dueAt: Float64Array
  readonly #idle: number[] = []
  #inFlight = 0
  #failures = 0
  #windowStart = Number.POSITIVE_INFINITY
  #windowEnd = Number.POSITIVE_INFINITY
  #onReply: (lane: number) => void = () => {}

  constructor(workload: Workload, lanes: HttpConnection[], pace: Pace) {
    this.#workload = workload
    this.#lanes = lanes
    this.#pace = pace
    this.#dueAt = new Float64Array(lanes.length)
  }

  async measure(processes: CpuProcesses): Promise<Measured> {
    const { warmUpMs, measureMs, ratePerS } = this.#pace
    const startedAt = performance.now()
    this.#windowStart = startedAt + warmUpMs
    this.#windowEnd = this.#windowStart + measureMs
    const sent = ratePerS === undefined ? this.#runClosed() : this.#runOpen(startedAt, ratePerS)
    await sleepUntil(this.#windowStart)
    const cpuStart = sampleCpu(processes)
    await sleepUntil(this.#windowEnd)
    const cpuEnd = sampleCpu(processes)
    const unsent = await sent
    await this.#drain()
    const operations = this.#latencyUs.count
    const used = subtractCpu(cpuEnd, cpuStart)
    return {
      operations,
      failures: this.#failures,
      seconds: measureMs / 1000,
      perSecond: operations / (measureMs / 1000),
      latencyUs: this.#latencyUs.quantiles(),
      cpu: {
        serverUs: used.serverUs / operations,
        databaseUs: used.databaseUs / operations,
        clientUs: used.clientUs / operations,
      },
      unsent,
    }
  }

  async #runClosed(): Promise<number> {
    this.#onReply = (lane) => {
      if (performance.now() < this.#windowEnd) this.#send(lane, performance.now())
    }
    for (const lane of this.#lanes.keys()) this.#send(lane, performance.now())
    await sleepUntil(this.#windowEnd)
    return 0
  }

  /** Sends what is due at every turn: when a timer fires, and when a reply gives a lane back. */
  async #runOpen(startedAt: number, ratePerS: number): Promise<number> {
    const arrivals = new PoissonArrivals(ratePerS)
    this.#idle.push(...this.#lanes.keys())
    const sendDue = () => {
      const now = performance.now()
      while (
        this.#idle.length > 0 &&
        startedAt + arrivals.nextMs <= now &&
        startedAt + arrivals.nextMs < this.#windowEnd
      ) {
        this.#send(this.#idle.pop()!, startedAt + arrivals.take())
      }
    }
    this.#onReply = (lane) => {
      this.#idle.push(lane)
      sendDue()
    }
    // What was due and found no free lane is still sent, and its wait counted.
    const giveUpAt = this.#windowEnd + DRAIN_TIMEOUT_MS
    while (startedAt + arrivals.nextMs < this.#windowEnd && performance.now() < giveUpAt) {
      sendDue()
      await sleep(1)
    }
    this.#onReply = () => {}
    let unsent = 0
    for (; startedAt + arrivals.nextMs < this.#windowEnd; arrivals.take()) unsent++
    return unsent
  }

  #send(lane: number, dueAt: number): void {
    this.#inFlight++
    this.#dueAt[lane] = dueAt
    this.#lanes[lane]!.request(this.#workload.next(lane), (status, body) => this.#settle(lane, status, body))
  }

  #settle(lane: number, status: number, body: Buffer): void {
    const now = performance.now()
    const isRight = this.#workload.settle(lane, status, body)
    this.#inFlight--
    // An open loop counts what was due within the window; a closed one what was answered within it.
    const countedAt = this.#pace.ratePerS === undefined ? now : this.#dueAt[lane]!
    if (!isRight) this.#failures++
    else if (countedAt >= this.#windowStart && countedAt < this.#windowEnd) {
      this.#latencyUs.add((now - this.#dueAt[lane]!) * 1000)
    }
    if (this.#lanes[lane]!.isOpen) this.#onReply(lane)
  }

  async #drain(): Promise<void> {
    const giveUpAt = performance.now() + DRAIN_TIMEOUT_MS
    while (this.#inFlight > 0 && performance.now() < giveUpAt) await sleep(5)
    this.#failures += this.#inFlight
  }
}

async function sleepUntil(moment: number): Promise<void> {
  for (let left = moment - performance.now(); left > 0; left = moment - performance.now()) {
    await sleep(left)
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

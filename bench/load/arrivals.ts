/** The moments, in milliseconds from the start, at which an open loop sends: independent arrivals at a mean rate. */
export class PoissonArrivals {
  #nextMs = 0
  #state: number
  readonly #meanGapMs: number

  constructor(ratePerS: number, seed = 1) {
    this.#meanGapMs = 1000 / ratePerS
    this.#state = seed
    this.take()
  }

  get nextMs(): number {
    return this.#nextMs
  }

  /** Gives back the next moment and moves on. */
  take(): number {
    const taken = this.#nextMs
    this.#nextMs += -Math.log(1 - this.#random()) * this.#meanGapMs
    return taken
  }

  /** mulberry32: small, and the same on every machine, so that every run has the same schedule. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

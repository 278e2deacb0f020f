// Leaves a carrier alone that has failed several times in a row, so that what waits for it costs nothing and an ailing
// service is not hammered. Ownership: one per carrier and node. Closed: all goes on. Open: nothing is handed over until
// a time that grows with each failure. Then one attempt is let through: it closes the breaker, or opens it for longer.

const FAILURES_TO_OPEN = 5
const FIRST_REST_MS = 1_000
const REST_MS_MAX = 60_000

export class CircuitBreaker {
  #failures = 0
  #restMs = 0
  #opensAgainAtMs = 0
  #isTrying = false
  readonly #random: () => number

  /** `random` gives numbers from 0 to 1, so that nodes do not all come back at once. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** How many attempts may begin now. */
  slots(nowMs: number): number {
    if (this.#failures < FAILURES_TO_OPEN) return Number.POSITIVE_INFINITY
    return nowMs < this.#opensAgainAtMs || this.#isTrying ? 0 : 1
  }

  /** An attempt begins. */
  begin(): void {
    if (this.#failures >= FAILURES_TO_OPEN) this.#isTrying = true
  }

  /** An attempt ended; well where the carrier answered, whatever it said of the message; undefined where it was not asked. */
  end({ isWell, nowMs }: { isWell: boolean | undefined; nowMs: number }): void {
    this.#isTrying = false
    if (isWell === undefined) return
    if (isWell) {
      this.#failures = 0
      this.#restMs = 0
      return
    }
    this.#failures++
    if (this.#failures < FAILURES_TO_OPEN) return
    this.#restMs = Math.min(Math.max(this.#restMs * 2, FIRST_REST_MS), REST_MS_MAX)
    this.#opensAgainAtMs = nowMs + this.#restMs * (0.5 + this.#random() / 2)
  }
}

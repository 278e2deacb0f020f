const SLOW_MS = 1_000
const ENDPOINTS_MAX = 10_000

/** Endpoints whose last attempt failed or took long: they have slots of their own, so that they delay no others. */
export class SlowEndpoints {
  readonly #ids = new Set<string>()

  has(endpointId: string): boolean {
    return this.#ids.has(endpointId)
  }

  note(endpointId: string, { isWell, durationMs }: { isWell: boolean; durationMs: number }): void {
    if (isWell && durationMs < SLOW_MS) {
      this.#ids.delete(endpointId)
      return
    }
    // What is forgotten is soon found out again.
    if (this.#ids.size >= ENDPOINTS_MAX) this.#ids.clear()
    this.#ids.add(endpointId)
  }
}

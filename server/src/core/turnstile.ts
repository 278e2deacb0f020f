import { AppError } from './errors.ts'

/** Lets so many through at once; the others wait in line, and beyond its length they are refused with `overloaded`. */
export class Turnstile {
  readonly #atOnce: number
  readonly #lineMax: number
  readonly #line: (() => void)[] = []
  #inside = 0

  constructor({ atOnce, lineMax }: { atOnce: number; lineMax: number }) {
    this.#atOnce = atOnce
    this.#lineMax = lineMax
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  async #enter(): Promise<void> {
    if (this.#inside < this.#atOnce) {
      this.#inside++
      return
    }
    if (this.#line.length >= this.#lineMax) throw new AppError('overloaded', { retryAfterMs: 1_000 })
    await new Promise<void>((resolve) => this.#line.push(resolve))
  }

  /** Hands the place on, so that nobody slips in between. */
  #leave(): void {
    const next = this.#line.shift()
    if (next === undefined) this.#inside--
    else next()
  }
}

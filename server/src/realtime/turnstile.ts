/** Lets so many through at once; the others wait in line. */
export class Turnstile {
  readonly #atOnce: number
  #inside = 0
  readonly #line: (() => void)[] = []

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#atOnce) await new Promise<void>((resolve) => this.#line.push(resolve))
    else this.#inside++
    try {
      return await work()
    } finally {
      const next = this.#line.shift()
      // The place is handed on, so that nobody slips in between.
      if (next === undefined) this.#inside--
      else next()
    }
  }
}

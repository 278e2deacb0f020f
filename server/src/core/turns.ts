// Does the same work again and again, one turn at a time. Ownership: each of those who take work from a table has one. A
// turn begins when somebody wakes it, and every now and then in case nobody did; who wakes it during a turn makes it take
// another one after that. A turn that could not be done is left to the next time. Shutdown: `stop`.

export type TurnsOptions = {
  /** One turn. False where it could not be done; must not throw. */
  turn(): Promise<boolean>
  /** How often a turn is taken without being woken, in milliseconds. */
  pollMs: number
}

export class Turns {
  readonly #options: TurnsOptions
  #running: Promise<void> | undefined
  #again = false
  #isStopped = false
  #poll: NodeJS.Timeout | undefined

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  start(): void {
    this.#poll = setInterval(() => this.wake(), this.#options.pollMs)
    this.#poll.unref()
    this.wake()
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#isStopped) return
    this.#again = true
    this.#running ??= this.#takeAll().finally(() => {
      this.#running = undefined
      if (this.#again) this.wake()
    })
  }

  /** Begins no turn any more, and waits for the one that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#poll)
    this.#isStopped = true
    await this.#running
  }

  async #takeAll(): Promise<void> {
    while (this.#again && !this.#isStopped) {
      this.#again = false
      if (!(await this.#options.turn())) return
    }
  }
}

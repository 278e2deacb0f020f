import type { Flushable, FlushQueue, Run } from './fan-out.ts'
import type { Close } from './protocol.ts'

/** What carries a connection's bytes to its reader. */
export type Transport = {
  /** False where it waits for its reader now; `drained` of the session follows. */
  write(bytes: Buffer): boolean
  /** Bytes that wait for the reader. */
  readonly bufferedBytes: number
  close(close: Close): void
}

/** The way out of one connection: frames gather here during a turn of the event loop and leave together. */
export class Outlet implements Flushable {
  readonly #flushes: FlushQueue
  readonly #transport: Transport
  #run: Run | null = null
  #fullSinceMs: number | null = null
  #isClosed = false
  #waiting: (() => void)[] = []

  constructor(flushes: FlushQueue, transport: Transport) {
    this.#flushes = flushes
    this.#transport = transport
  }

  /** Bytes that gathered in this turn. */
  get gatheredBytes(): number {
    return this.#run?.bytes ?? 0
  }

  get waitingBytes(): number {
    return this.gatheredBytes + (this.#fullSinceMs === null ? 0 : this.#transport.bufferedBytes)
  }

  append(frame: Buffer): void {
    this.#run = this.#flushes.append(this, this.#run, frame)
  }

  flush(): void {
    const run = this.#run
    this.#run = null
    if (run !== null && !this.#transport.write(run.joined())) this.#fullSinceMs ??= performance.now()
    this.wake()
  }

  /** The transport has written all it had. */
  drained(): void {
    this.#fullSinceMs = null
    this.wake()
  }

  /** How long the reader has left something unread. */
  fullForMs(nowMs: number): number {
    return this.#fullSinceMs === null ? 0 : nowMs - this.#fullSinceMs
  }

  /** Resolves when all is written and the reader has room for more, or has gone. */
  async untilWritable(): Promise<void> {
    while (!this.#isClosed && (this.#fullSinceMs !== null || this.#run !== null)) await this.change()
  }

  /** Resolves when something has changed, here or for whoever calls `wake`. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Writes what has gathered, and ends. */
  close(close: Close): void {
    this.#isClosed = true
    this.flush()
    this.#transport.close(close)
  }

  /** The reader has gone. */
  abandon(): void {
    this.#isClosed = true
    this.#run = null
    this.wake()
  }
}

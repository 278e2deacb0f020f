// Each connection is written to once per turn of the event loop, with all that came for it in that turn: a write is
// a system call, and the only thing that costs. Connections for which the same events came share one buffer: what
// waits for them is a path in a tree of frames, and the bytes of a path are joined once.

/** Frames in order: a path from the root of this turn's tree to here. */
export class Run {
  readonly bytes: number
  readonly #frame: Buffer
  readonly #before: Run | null
  #next: Run | undefined
  #others: Map<Buffer, Run> | undefined
  #joined: Buffer | undefined

  constructor(frame: Buffer, before: Run | null) {
    this.#frame = frame
    this.#before = before
    this.bytes = frame.length + (before?.bytes ?? 0)
  }

  /** The path that goes on with this frame; the same object for all who go on so. */
  with(frame: Buffer): Run {
    if (this.#next === undefined) {
      this.#next = new Run(frame, this)
      return this.#next
    }
    if (this.#next.#frame === frame) return this.#next
    this.#others ??= new Map()
    return getOrAdd(this.#others, frame, this)
  }

  joined(): Buffer {
    if (this.#before === null) return this.#frame
    if (this.#joined !== undefined) return this.#joined
    const joined = Buffer.allocUnsafe(this.bytes)
    let end = this.bytes
    for (let run: Run | null = this; run !== null; run = run.#before) {
      end -= run.#frame.length
      joined.set(run.#frame, end)
    }
    this.#joined = joined
    return joined
  }
}

export type Flushable = { flush(): void }

/** Makes the paths, and flushes whoever has one at the end of the turn. */
export class FlushQueue {
  #waiting: Flushable[] = []
  #firsts = new Map<Buffer, Run>()

  /** The path of `target` with one more frame; without a path it begins one and is flushed this turn. */
  append(target: Flushable, run: Run | null, frame: Buffer): Run {
    if (run !== null) return run.with(frame)
    if (this.#waiting.push(target) === 1) setImmediate(() => this.#flush())
    return getOrAdd(this.#firsts, frame, null)
  }

  #flush() {
    const waiting = this.#waiting
    this.#waiting = []
    this.#firsts = new Map()
    for (const target of waiting) target.flush()
  }
}

function getOrAdd(runs: Map<Buffer, Run>, frame: Buffer, before: Run | null): Run {
  const known = runs.get(frame)
  if (known !== undefined) return known
  const run = new Run(frame, before)
  runs.set(frame, run)
  return run
}

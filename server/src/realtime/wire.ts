import type { LoggedEvent } from '../core/log/events.ts'
import type { Logger } from '../platform/log.ts'
import type { Cursors, Place } from './cursor.ts'
import type { HiddenEvent, Passing, Render, Skin } from './protocol.ts'

/** A skin over a transport: all connections of a wire get the same bytes for the same event. */
export type Wire = {
  /** Its place among the wires of this node. */
  index: number
  skin: Skin
  encode(texts: readonly string[], cursor: string | null): Buffer
  /** For people whose data are a test's; this one where the dialect makes no difference. */
  test?: Wire
}

const ENCODED_KEPT_MS = 600_000

/** An event on its way to its followers, encoded once for each wire that has any. */
export class RoutedEvent {
  readonly event: LoggedEvent
  readonly place: Place
  readonly #cursors: Cursors
  readonly #log: Logger
  readonly #encoded: (Buffer | null | undefined)[] = []
  readonly #preparations: (Promise<void> | undefined)[] = []
  #cursor: string | undefined
  #encodedAtMs = 0

  constructor(event: LoggedEvent, { cursors, log }: { cursors: Cursors; log: Logger }) {
    this.event = event
    this.place = { position: event.position, atMs: Date.parse(event.createdAt) }
    this.#cursors = cursors
    this.#log = log
  }

  /** Whether it can be encoded for the wire, or what its frame needs is still to be read, or to be read anew. */
  isReady({ index, skin }: Wire): boolean {
    if (skin.prepare === undefined) return true
    return this.#encoded[index] !== undefined && performance.now() - this.#encodedAtMs <= ENCODED_KEPT_MS
  }

  /** The reading that is under way for the wire. */
  preparation({ index }: Wire): Promise<void> | undefined {
    return this.#preparations[index]
  }

  /** Has it encoded for the wire once `rendering` is there. */
  prepare(wire: Wire, rendering: Promise<Render>): void {
    const { index } = wire
    const done = () => {
      this.#preparations[index] = undefined
    }
    const encode = (render: Render) => {
      this.#encoded[index] = this.#encode(wire, render)
    }
    this.#preparations[index] = rendering.then(encode).finally(done)
  }

  /** Like `encoded`, for what may have stood in memory for long: what frames hold, as signed URLs, grows old. */
  freshlyEncoded(wire: Wire): Buffer | null {
    const isOld = performance.now() - this.#encodedAtMs > ENCODED_KEPT_MS
    if (isOld && wire.skin.prepare === undefined) this.#encoded.length = 0
    return this.encoded(wire)
  }

  /** Null where the wire's dialect does not show this event. */
  encoded(wire: Wire): Buffer | null {
    const known = this.#encoded[wire.index]
    if (known !== undefined) return known
    const made = this.#encode(wire, (cursor) => wire.skin.event(this.event, cursor))
    this.#encoded[wire.index] = made
    return made
  }

  /** The bare step, for those who may not know what happened. */
  hidden({ skin, encode }: Wire): Buffer | null {
    this.#cursor ??= this.#cursors.encode(this.place)
    const texts = skin.event(hide(this.event), this.#cursor)
    return texts.length === 0 ? null : encode(texts, this.#cursor)
  }

  #encode({ encode }: Wire, render: Render): Buffer | null {
    try {
      this.#encodedAtMs = performance.now()
      this.#cursor ??= this.#cursors.encode(this.place)
      const texts = render(this.#cursor)
      return texts.length === 0 ? null : encode(texts, this.#cursor)
    } catch (error) {
      // The clients see the hole by the seq of the next event; the others' events go on.
      this.#log.error({ err: error, type: this.event.type, position: this.event.position }, 'an event has no frame')
      return null
    }
  }
}

/** What is left of an event for those who may not know what happened. */
export function hide({ streamId, seq, position, createdAt }: LoggedEvent): HiddenEvent {
  return { type: 'hidden', streamId, seq, position, createdAt }
}

/** Something passing, encoded once for each wire. */
export class RoutedPassing {
  readonly #passing: Passing
  readonly #encoded: (Buffer | null | undefined)[] = []

  constructor(passing: Passing) {
    this.#passing = passing
  }

  /**
   * Who is there among contacts is told to those too whose events are still being replayed: `ready` has shown them who
   * was there, and nothing tells it again.
   */
  get isUrgent(): boolean {
    return this.#passing.type.startsWith('contact.')
  }

  encoded({ index, skin, encode }: Wire): Buffer | null {
    const known = this.#encoded[index]
    if (known !== undefined) return known
    const text = skin.passing(this.#passing)
    const made = text === null ? null : encode([text], null)
    this.#encoded[index] = made
    return made
  }
}

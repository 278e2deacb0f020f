import { isOfTimelines } from './timelines.ts'
import type { RoutedEvent } from './wire.ts'

const KEPT_FORGOTTEN_MAX = 512

/** The newest events of the log without a hole, for who is a little behind. Bounded in number and bytes. */
export class RecentEvents {
  readonly #eventsMax: number
  readonly #bytesMax: number
  #events: RoutedEvent[] = []
  /** The events before this index are forgotten; the array is cut when they are the greater part. */
  #first = 0
  #bytes = 0
  /** All events after this position are here. */
  #base: number

  constructor(options: { position: number; eventsMax: number; bytesMax: number }) {
    this.#base = options.position
    this.#eventsMax = options.eventsMax
    this.#bytesMax = options.bytesMax
  }

  push(routed: RoutedEvent): void {
    this.#events.push(routed)
    this.#bytes += estimateBytes(routed)
    while (this.#events.length - this.#first > this.#eventsMax || this.#bytes > this.#bytesMax) this.#dropOldest()
    if (this.#first > KEPT_FORGOTTEN_MAX && this.#first > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
  }

  /** The first events after a position, or undefined where some of them are forgotten. */
  after(position: number, limit = Number.POSITIVE_INFINITY): RoutedEvent[] | undefined {
    if (position < this.#base) return undefined
    const first = this.#indexAfter(position)
    return this.#events.slice(first, first + limit)
  }

  /** All events after a position up to another, or undefined where some are forgotten or not here yet. */
  between(after: number, upTo: number): RoutedEvent[] | undefined {
    const newest = this.#events.at(-1)?.event.position ?? this.#base
    if (after < this.#base || newest < upTo) return undefined
    return this.#events.slice(this.#indexAfter(after), this.#indexAfter(upTo))
  }

  /** The event at a position, where it is still here. */
  at(position: number): RoutedEvent | undefined {
    if (position <= this.#base) return undefined
    const found = this.#events[this.#indexAfter(position - 1)]
    return found?.event.position === position ? found : undefined
  }

  #dropOldest() {
    const oldest = this.#events[this.#first]!
    this.#bytes -= estimateBytes(oldest)
    this.#base = oldest.event.position
    this.#first++
  }

  #indexAfter(position: number): number {
    let low = this.#first
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#events[middle]!.event.position <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}

// An event's objects and its frames weigh about this much, beside the text itself.
const EVENT_BYTES = 1_500
// A conversation with its contact is in the frames of these.
const TIMELINE_BYTES = 4_000

function estimateBytes({ event }: RoutedEvent): number {
  const { data } = event
  const known = EVENT_BYTES + (isOfTimelines(event) ? TIMELINE_BYTES : 0)
  return known + ('message' in data && data.message !== null ? data.message.body.length * 4 : 0)
}

export type DeliveryConservation = {
  subscribers: number
  messages: number
  /** Pairs of subscriber and message that never came. */
  missing: number
  /** Pairs that came more than once. */
  duplicated: number
  /** How many different orders the subscribers saw: 1 when they agree. */
  orders: number
  /** Subscribers whose socket was closed by the server. */
  closed: number
}

/** Who has received which message, a bit each; numbers are given upwards from 0. */
export class DeliveryLedger {
  readonly #subscribers: number
  readonly #wordsEach: number
  readonly #bits: Uint32Array
  readonly #orders: Int32Array
  readonly #arrivals: Uint16Array
  #messages = 0
  #duplicated = 0
  #deliveries = 0

  constructor(subscribers: number, messagesMax: number) {
    this.#subscribers = subscribers
    this.#wordsEach = Math.ceil(messagesMax / 32)
    this.#bits = new Uint32Array(subscribers * this.#wordsEach)
    this.#orders = new Int32Array(subscribers)
    this.#arrivals = new Uint16Array(messagesMax)
  }

  get deliveries(): number {
    return this.#deliveries
  }

  get messages(): number {
    return this.#messages
  }

  /** The number of the next message. */
  send(): number {
    return this.#messages++
  }

  /** Notes an arrival; true when the message has now come to everyone. */
  deliver(subscriber: number, number: number): boolean {
    const word = subscriber * this.#wordsEach + (number >>> 5)
    const bit = 1 << (number & 31)
    if (number >= this.#messages || (this.#bits[word]! & bit) !== 0) {
      this.#duplicated++
      return false
    }
    this.#bits[word]! |= bit
    this.#orders[subscriber] = (Math.imul(this.#orders[subscriber]!, 31) + number) | 0
    this.#deliveries++
    return ++this.#arrivals[number]! === this.#subscribers
  }

  check(closed: number): DeliveryConservation {
    return {
      subscribers: this.#subscribers,
      messages: this.#messages,
      missing: this.#subscribers * this.#messages - this.#deliveries,
      duplicated: this.#duplicated,
      orders: new Set(this.#orders).size,
      closed,
    }
  }
}

export function isDelivered(found: DeliveryConservation): boolean {
  return found.missing + found.duplicated + found.closed === 0
}

// The newest page of busy conversations, as the bytes of its answer. Ownership: one per dialect that keeps pages,
// made with the dialect; it hears of every committed event before the caller does. A page that was being made when
// an event came is used once and not kept.

import { LRUCache } from 'lru-cache'
import type { LoggedEvent } from '../core/log/events.ts'

type Pages = Map<string, Buffer>

export class PageCache {
  readonly #pages: LRUCache<string, Pages>
  /** The pages that are being made, which readers share, until their conversation changes. */
  readonly #making = new Map<string, Map<string, Promise<Buffer>>>()

  /** `bytesMax` bounds all pages together; after `ageMaxMs` one is made anew, for the signed URLs in it. */
  constructor(options: { bytesMax: number; ageMaxMs: number }) {
    this.#pages = new LRUCache({
      maxSize: options.bytesMax,
      ttl: options.ageMaxMs,
      sizeCalculation: (pages) => [...pages.values()].reduce((sum, page) => sum + page.length, 256),
    })
  }

  /** The page from memory, or as `make` gives it. `variant` tells pages of one conversation apart. */
  async get(conversationId: string, variant: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#pages.get(conversationId)?.get(variant)
    if (known !== undefined) return known
    const making = this.#making.getOrInsertComputed(conversationId, () => new Map())
    return making.get(variant) ?? this.#make({ conversationId, variant, making, make })
  }

  apply(events: LoggedEvent[]): void {
    for (const event of events) {
      if (!event.type.startsWith('message.') && !event.type.startsWith('reaction.')) continue
      this.#pages.delete(event.streamId)
      this.#making.delete(event.streamId)
    }
  }

  async #make(page: {
    conversationId: string
    variant: string
    making: Map<string, Promise<Buffer>>
    make: () => Promise<Buffer>
  }): Promise<Buffer> {
    const { conversationId, variant, making } = page
    const promise = page.make()
    making.set(variant, promise)
    try {
      const bytes = await promise
      // Forgotten meanwhile: what was made may lack the event that made it so.
      if (this.#making.get(conversationId) === making) {
        const pages = new Map(this.#pages.peek(conversationId)).set(variant, bytes)
        this.#pages.set(conversationId, pages)
      }
      return bytes
    } finally {
      making.delete(variant)
      if (making.size === 0 && this.#making.get(conversationId) === making) this.#making.delete(conversationId)
    }
  }
}

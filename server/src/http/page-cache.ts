// The newest page of busy conversations, as the bytes of its answer. Ownership: one per dialect that keeps pages,
// made with the dialect; it hears of every committed event before the caller does. A page that was being made when
// an event came is used once and not kept.

import { LRUCache } from 'lru-cache'
import type { LoggedEvent } from '../core/log/events.ts'

type Pages = Map<string, Buffer>

export class PageCache {
  readonly #conversations: LRUCache<string, Pages>

  /** `bytesMax` bounds all pages together; after `ageMaxMs` one is made anew, for the signed URLs in it. */
  constructor(options: { bytesMax: number; ageMaxMs: number }) {
    this.#conversations = new LRUCache({
      maxSize: options.bytesMax,
      ttl: options.ageMaxMs,
      sizeCalculation: (pages) => [...pages.values()].reduce((sum, page) => sum + page.length, 256),
    })
  }

  /** The page from memory, or as `make` gives it. `variant` tells pages of one conversation apart. */
  async get(conversationId: string, variant: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#conversations.get(conversationId)
    const page = known?.get(variant)
    if (page !== undefined) return page
    const pages = known ?? new Map<string, Buffer>()
    if (known === undefined) this.#conversations.set(conversationId, pages)
    const made = await make()
    // Forgotten meanwhile: what was made may lack the event that made it so.
    if (this.#conversations.peek(conversationId) === pages) {
      this.#conversations.set(conversationId, new Map(pages).set(variant, made))
    }
    return made
  }

  apply(events: LoggedEvent[]): void {
    for (const event of events) {
      if (event.type.startsWith('message.') || event.type.startsWith('reaction.'))
        this.#conversations.delete(event.streamId)
    }
  }
}

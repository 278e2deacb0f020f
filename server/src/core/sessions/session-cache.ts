// Which sessions live, remembered so that checking an access token costs no query. Ownership: one per node, made by
// runtime.ts, which feeds it every committed event. A session that was revoked is remembered too: a load that was under
// way meanwhile does not bring it back.

import { LRUCache } from 'lru-cache'
import type { Clock, Timestamp } from '../../platform/clock.ts'
import type { LoggedEvent } from '../log/events.ts'

export type LivingSession = { userId: string; expiresAt: Timestamp }

type Load = (sessionId: string) => Promise<LivingSession | undefined>

export class SessionCache {
  readonly #load: Load
  readonly #clock: Clock
  readonly #sessions: LRUCache<string, LivingSession | 'revoked'>

  constructor(options: { load: Load; clock: Clock; sessionsMax: number }) {
    this.#load = options.load
    this.#clock = options.clock
    this.#sessions = new LRUCache({ max: options.sessionsMax })
  }

  /** Undefined where there is no such session, and where it has ended. */
  async find(sessionId: string): Promise<LivingSession | undefined> {
    const known = this.#sessions.get(sessionId)
    if (known === 'revoked') return undefined
    // One that was known to end by now may have been extended.
    if (known !== undefined && known.expiresAt > this.#clock()) return known
    const session = await this.#load(sessionId)
    if (session === undefined || this.#sessions.get(sessionId) === 'revoked') return undefined
    this.#sessions.set(sessionId, session)
    return session
  }

  /** Forgets sessions for good as soon as they are revoked. */
  apply(events: LoggedEvent[]): void {
    for (const event of events) {
      if (event.type === 'session.revoked') this.#sessions.set(event.data.sessionId, 'revoked')
    }
  }
}

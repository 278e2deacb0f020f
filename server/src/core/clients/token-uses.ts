// When tokens were last used. Ownership: one per node, made by runtime.ts. A use is only noted; a minute later one
// statement writes all that were noted, so a busy token costs one row a minute. `close` writes what is left.

import { sql } from 'kysely'
import type { Clock, Timestamp } from '../../platform/clock.ts'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'

const WRITE_EVERY_MS = 60_000
// More of them in one minute are not noted at all: it is for people to look at, and nothing depends on it.
const NOTED_MAX = 50_000

export type TokenUsesOptions = { database: DatabasePool; clock: Clock; log: Logger }

export class TokenUses {
  readonly #options: TokenUsesOptions
  #noted = new Map<string, Timestamp>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: TokenUsesOptions) {
    this.#options = options
  }

  /** Costs no query. */
  note(tokenId: string): void {
    // What is noted is when it was first used since the last write.
    if (this.#noted.has(tokenId) || this.#noted.size >= NOTED_MAX) return
    this.#noted.set(tokenId, this.#options.clock())
    this.#timer ??= setTimeout(() => void this.write(), WRITE_EVERY_MS).unref()
  }

  /** Writes what is noted, at once. What cannot be written is lost. */
  async write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const noted = this.#noted
    if (noted.size === 0) return
    this.#noted = new Map()
    try {
      await sql`
        update client_tokens t set last_used_at = n.at
        from unnest(${[...noted.keys()]}::uuid[], ${[...noted.values()]}::timestamptz[]) n(id, at)
        where t.id = n.id and (t.last_used_at is null or t.last_used_at < n.at)`.execute(this.#options.database.kysely)
    } catch (error) {
      this.#options.log.warn({ err: error, tokens: noted.size }, 'when tokens were last used cannot be written')
    }
  }

  async close(): Promise<void> {
    await this.write()
  }
}

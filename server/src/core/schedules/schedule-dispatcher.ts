// Sends scheduled messages when they are due. Ownership: one per node, made with the rest of the carriage once the server
// takes requests; all nodes share the table. A message is leased to the node that sends it: of a node that dies over it the lease
// ends within half a minute, and another one finds out whether it was sent (by its client id) and otherwise sends it. Ordering: of each
// conversation one at a time, what was scheduled for earlier first. Few at once, however many are due: the rest waits in
// the table. Shutdown: `close` begins nothing any more and waits for what is under way.

import { setTimeout as delay } from 'node:timers/promises'
import type { Core } from '../context.ts'
import { Turns } from '../turns.ts'
import { type Claim, claimSchedules } from './claim-schedules.ts'
import { fireSchedule } from './fire-schedule.ts'

export type ScheduleDispatcherOptions = {
  core: Core
  /** Most messages that this node sends at once; each may take a connection. */
  atOnce?: number
  /** How often what has become due is looked for, in milliseconds: so much later a message may be. */
  pollMs?: number
}

const DEFAULTS = { atOnce: 8, pollMs: 500 }
const CLOSE_MS = 5_000

export class ScheduleDispatcher {
  #firing = new Set<Promise<void>>()
  readonly #turns: Turns
  readonly #options: Required<ScheduleDispatcherOptions>

  constructor(options: ScheduleDispatcherOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#turns = new Turns({ turn: () => this.#turn(), pollMs: this.#options.pollMs })
  }

  start(): void {
    this.#turns.start()
  }

  /** Something may be due. */
  wake(): void {
    this.#turns.wake()
  }

  /** What has not ended then is looked at by another node, or after the next start. */
  async close(graceMs = CLOSE_MS): Promise<void> {
    await this.#turns.stop()
    await Promise.race([Promise.all(this.#firing), delay(graceMs, undefined, { ref: false })])
  }

  async #turn(): Promise<boolean> {
    try {
      for (const claim of await this.#claim()) this.#fire(claim)
      return true
    } catch (error) {
      // The poll tries again.
      this.#options.core.log.warn({ err: error }, 'scheduled messages wait')
      return false
    }
  }

  async #claim(): Promise<Claim[]> {
    const { core, atOnce } = this.#options
    const rowsMax = atOnce - this.#firing.size
    if (this.#turns.isStopped || rowsMax <= 0) return []
    const now = core.clock()
    return core.database.kysely.transaction().execute((db) => claimSchedules(db, { now, rowsMax }))
  }

  #fire(claim: Claim): void {
    const { core } = this.#options
    const firing = fireSchedule(core, claim)
      .catch((error: unknown) => {
        // Its lease ends, and then it is looked at again.
        core.log.warn(
          { err: error, schedule: claim.id },
          'what became of a scheduled message could not be written down',
        )
      })
      .finally(() => {
        this.#firing.delete(firing)
        this.wake()
      })
    this.#firing.add(firing)
  }
}

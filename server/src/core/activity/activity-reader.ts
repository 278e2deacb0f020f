import type { Clock } from '../../platform/clock.ts'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { AppError } from '../errors.ts'
import { LogFollower } from '../log/log-follower.ts'
import { applyActivity, READER } from './apply-activity.ts'

/** What a list needs of the reader. */
export type ActivityPort = {
  /** Waits until what was committed before the call stands in the lists. Throws `overloaded` where that takes too long. */
  caughtUp(): Promise<void>
}

/** Positions of the log that are taken in at once. However many messages a conversation got there, it moves once. */
const POSITIONS_MAX = 50_000
/** Changes may gather, since whoever reads a list lets it catch up first. */
const GATHER_MS = 5_000
const RESTS = [{ behindMax: 200_000, factor: 30 }]
const CATCH_UP_MS = 10_000

/** Keeps the lists by activity behind the event log. */
export class ActivityReader implements ActivityPort {
  readonly #follower: LogFollower

  constructor({ database, log, clock }: { database: DatabasePool; log: Logger; clock: Clock }) {
    this.#follower = new LogFollower({
      database,
      log,
      reader: READER,
      what: 'the order of the lists by activity',
      takePart: () => applyActivity(database, { positionsMax: POSITIONS_MAX, now: clock() }),
      gatherMs: GATHER_MS,
      rests: RESTS,
    })
  }

  /** The log has grown. */
  wake(): void {
    this.#follower.wake()
  }

  async caughtUp(): Promise<void> {
    if (!(await this.#follower.caughtUp(CATCH_UP_MS))) throw new AppError('overloaded', { retryAfterMs: 1_000 })
  }

  close(): Promise<void> {
    return this.#follower.close()
  }
}

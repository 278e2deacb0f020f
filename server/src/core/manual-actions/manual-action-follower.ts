import { SYSTEM } from '../actor.ts'
import { type Core, createContext } from '../context.ts'
import type { LoggedEvent } from '../log/events.ts'
import { LogFollower } from '../log/log-follower.ts'
import { followDeliveries, READER } from './follow-deliveries.ts'

/** Positions of the log that are read at once. */
const POSITIONS_MAX = 5_000
/** A failure is told of soon; that the rest of the log was read is only written down now and then. */
const HURRY_MS = 50
const GATHER_MS = 5_000
const RESTS = [{ behindMax: 100_000, factor: 20 }]

/** Makes manual actions of what the event log tells of deliveries, behind it. */
export class ManualActionFollower {
  readonly #follower: LogFollower

  constructor(core: Core) {
    const { database, log } = core
    this.#follower = new LogFollower({
      database,
      log,
      reader: READER,
      what: 'what people must do',
      takePart: () => followDeliveries(createContext(core, SYSTEM), { positionsMax: POSITIONS_MAX }),
      gatherMs: GATHER_MS,
      rests: RESTS,
    })
  }

  /** Takes up where it stopped. */
  start(): void {
    this.#follower.wake(HURRY_MS)
  }

  /** The log has grown by these events. */
  wake(events: readonly LoggedEvent[]): void {
    const last = events.findLast(({ type, data }) => type === 'delivery.updated' && data.delivery.status === 'failed')
    if (last === undefined) this.#follower.wake()
    else this.#follower.hurry(last.position, HURRY_MS)
  }

  close(): Promise<void> {
    return this.#follower.close()
  }
}

import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import { LogFollower } from '../log/log-follower.ts'
import { indexMessages, READER } from './index-messages.ts'

/** What a search needs of the indexer. */
export type SearchIndexPort = {
  /** Waits until what was committed before the call is indexed, or until it has waited long enough; tells which. */
  caughtUp(timeoutMs: number): Promise<boolean>
}

/** So few that taking them apart does not hold up the requests of this process. */
const EVENTS_MAX = 100
const GATHER_MS = 100
/** A burst passes nearly undisturbed, and a steady stream never leaves the index for good. */
const RESTS = [
  { behindMax: 100_000, factor: 30 },
  { behindMax: 1_000_000, factor: 9 },
  { behindMax: Number.POSITIVE_INFINITY, factor: 1 },
]

/** Keeps the search index behind the event log. */
export function createSearchIndexer({ database, log }: { database: DatabasePool; log: Logger }): LogFollower {
  return new LogFollower({
    database,
    log,
    reader: READER,
    what: 'the search index',
    takePart: () => indexMessages(database, EVENTS_MAX),
    gatherMs: GATHER_MS,
    rests: RESTS,
  })
}

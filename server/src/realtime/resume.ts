import type { LoggedEvent } from '../core/log/events.ts'
import type { DatabasePool } from '../platform/database/database.ts'
import type { Place } from './cursor.ts'
import type { RealtimeLimits } from './limits.ts'
import type { StreamState } from './protocol.ts'
import { readEventsBetween, readEventTime, readNewestEvents } from './read-events.ts'
import type { RecentEvents } from './recent-events.ts'
import type { Snapshot } from './snapshot.ts'
import { timelinesIdOf } from './timelines.ts'
import type { RoutedEvent } from './wire.ts'

/** How a client that gave a cursor goes on. */
export type Resume =
  /** Everything after this place follows; of a stream that was joined since then, what follows its joining. */
  | { isResumed: true; place: Place; joinedAt: Map<string, number> }
  /** These streams moved; the client pages them. */
  | { isResumed: false; gap: string[] }

export type PlanResume = {
  /** Undefined where the client's cursor is not one of ours. */
  cursor: Place | undefined
  personId: string
  snapshot: Snapshot
  recent: RecentEvents
  limits: RealtimeLimits
  nowMs: number
}

/** Decides between replay and gap. In doubt it is a gap: never a silent hole. */
export async function planResume(database: DatabasePool, input: PlanResume): Promise<Resume> {
  const { cursor, snapshot, limits, nowMs } = input
  // Ahead of the log, or nothing we signed: a log that was restored, or another one. Any stream may have moved.
  if (cursor === undefined || cursor.position > snapshot.place.position) return gapOfAll(snapshot)
  const isOld = nowMs - cursor.atMs > limits.replayAgeMsMax
  const standing = await findStanding(database, input.recent, cursor)
  if (standing === 'foreign' || (standing === 'missing' && !isOld)) return gapOfAll(snapshot)
  if (isOld) return gapOfMoved(database, cursor, snapshot, standing === 'known')
  const events = await listMissed(database, input, cursor)
  if (events === undefined) return gapOfMoved(database, cursor, snapshot, true)
  if (events.length === 0) return nothingMissed(snapshot)
  return { isResumed: true, place: cursor, joinedAt: findJoins(events, input.personId) }
}

function nothingMissed({ place }: Snapshot): Resume {
  return { isResumed: true, place, joinedAt: new Map() }
}

/** Whether the event that the cursor names stands in this log. Old events are removed in time. */
async function findStanding(
  database: DatabasePool,
  recent: RecentEvents,
  { position, atMs }: Place,
): Promise<'known' | 'foreign' | 'missing'> {
  if (position === 0) return 'known'
  const time = recent.at(position)?.place.atMs ?? (await readEventTime(database, position))
  if (time === undefined) return 'missing'
  return time === atMs ? 'known' : 'foreign'
}

/** The events between the cursor and the snapshot; undefined where they are too many to replay. */
async function listMissed(
  database: DatabasePool,
  { snapshot, recent, limits }: PlanResume,
  { position: after }: Place,
): Promise<LoggedEvent[] | undefined> {
  const upTo = snapshot.place.position
  const { streams } = snapshot
  const inMemory = recent.between(after, upTo)
  if (inMemory === undefined && upTo - after > limits.replayWindowMax) return undefined
  const limit = limits.replayEventsMax + 1
  const events =
    inMemory === undefined
      ? await readEventsBetween(database, { after, upTo, followed: streams, limit })
      : pickFollowed(inMemory, new Set(streams.map((stream) => stream.id)), limit)
  return events.length === limit ? undefined : events
}

function pickFollowed(recent: RoutedEvent[], streamIds: Set<string>, limit: number): LoggedEvent[] {
  const events = recent.map((routed) => routed.event)
  const isFollowed = (event: LoggedEvent) => streamIds.has(event.streamId) || streamIds.has(timelinesIdOf(event) ?? '')
  return events.filter(isFollowed).slice(0, limit)
}

/** The streams that were joined, not only left and joined again, after the cursor; and at which position. */
function findJoins(events: LoggedEvent[], personId: string): Map<string, number> {
  const joinedAt = new Map<string, number>()
  const wasThere = new Set<string>()
  for (const event of events) {
    if (event.streamId !== personId) continue
    if (event.type === 'conversation.left') wasThere.add(event.data.conversationId)
    if (event.type === 'workspace.left') wasThere.add(event.data.workspaceId)
    const joined =
      event.type === 'conversation.joined' || event.type === 'contact.joined'
        ? event.data.conversation.id
        : event.type === 'workspace.joined'
          ? event.data.workspace.id
          : undefined
    if (joined !== undefined && !wasThere.has(joined)) joinedAt.set(joined, event.position)
  }
  return joinedAt
}

function gapOfAll({ streams }: Snapshot): Resume {
  return { isResumed: false, gap: streams.filter(hasEvents).map((stream) => stream.id) }
}

async function gapOfMoved(
  database: DatabasePool,
  cursor: Place,
  snapshot: Snapshot,
  isVerified: boolean,
): Promise<Resume> {
  const streams = snapshot.streams.filter(hasEvents)
  const newest = await readNewestEvents(
    database,
    streams.filter(({ kind }) => kind !== 'timelines'),
  )
  // The cursor's event is gone, so the log may have been restored to before it: then its moment counts too.
  const isBefore = ({ position, atMs }: Place) => position <= cursor.position && (isVerified || atMs <= cursor.atMs)
  const unmoved = new Set(newest.filter(isBefore).map((event) => event.streamId))
  const gap = streams.map((stream) => stream.id).filter((id) => !unmoved.has(id))
  return gap.length === 0 ? nothingMissed(snapshot) : { isResumed: false, gap }
}

/** Timelines have no head that could tell: they count as moved. */
function hasEvents({ head, kind }: StreamState): boolean {
  return head > 0 || kind === 'timelines'
}

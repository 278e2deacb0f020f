import { AppError } from '../core/errors.ts'
import type { LoggedEvent } from '../core/log/events.ts'
import type { Engine } from './engine.ts'
import type { RequestId } from './protocol.ts'
import { readStreamAfter, readStreamHead } from './read-events.ts'
import type { Session } from './session.ts'
import { hide } from './wire.ts'

export type Subscribe = { streamId: string; after: number | null }

/**
 * Begins to follow a conversation that the person can read, or fetches what came after a seq in a stream that they
 * follow already. The connection's events are held meanwhile, so that what follows the answer joins on to it exactly.
 */
export async function subscribe(
  engine: Engine,
  session: Session,
  { streamId, after, re }: Subscribe & { re: RequestId | null },
): Promise<void> {
  const { feed } = session
  feed.hold()
  try {
    if (!session.streams.has(streamId)) await beginFollowing(engine, session, streamId)
    const newest = await readStreamHead(engine.core.database, streamId)
    const missed = after === null ? [] : await readMissed(engine, { streamId, after, head: newest.head })
    const following = engine.hub.following(session, streamId)
    // Taken away while it was looked up.
    if (following === undefined) throw new AppError('conversation_not_found', 'stream')
    if (after !== null || following.since === NOT_YET) {
      engine.hub.follow(session, session.streams.get(streamId)!, { ...following, since: newest.position })
    }
    const { skin } = session.wire
    const answer = skin.answer({ op: 'sub', streamId, head: newest.head, isGap: missed === undefined }, re)
    const { isHidden } = session.person
    const events = (missed ?? []).flatMap((event) => skin.event(isHidden?.(event) ? hide(event) : event, null))
    session.say([...(answer === null ? [] : [answer]), ...events])
  } catch (error) {
    if (engine.hub.following(session, streamId)?.since === NOT_YET) engine.hub.drop(session, streamId)
    throw error
  } finally {
    feed.release()
  }
}

/** Ends what `subscribe` began; what the person follows as a member stays. */
export function unsubscribe({ hub }: Engine, session: Session, streamId: string): void {
  const following = hub.following(session, streamId)
  if (following === undefined) return
  if (following.isMember) hub.follow(session, session.streams.get(streamId)!, { ...following, isSubscriber: false })
  else hub.drop(session, streamId)
}

const NOT_YET = Number.POSITIVE_INFINITY

/** Access is looked up again once the hub knows of the subscription: who takes it away then, takes it away here too. */
async function beginFollowing({ hub, limits }: Engine, session: Session, streamId: string): Promise<void> {
  const subscriptions = [...session.streams.values()].filter((stream) => stream.followers.get(session)?.isSubscriber)
  if (subscriptions.length >= limits.subscriptionsMax) throw new AppError('too_many_subscriptions', 'stream')
  const ref = await session.person.getReadable(streamId, 'stream')
  if (session.isClosed || session.streams.has(streamId)) return
  hub.follow(session, ref, { isMember: false, isSubscriber: true, since: NOT_YET })
  await session.person.getReadable(streamId, 'stream')
}

type Missed = { streamId: string; after: number; head: number }

/** The events between a seq and the head; undefined where they are too many, or not all kept. */
async function readMissed(
  { core, limits }: Engine,
  { streamId, after, head }: Missed,
): Promise<LoggedEvent[] | undefined> {
  if (after === head) return []
  if (after > head || head - after > limits.replayEventsMax) return undefined
  const events = await readStreamAfter(core.database, { streamId, after, limit: head - after })
  return events.length === head - after ? events : undefined
}

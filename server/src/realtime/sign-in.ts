import { AppError, type ErrorKind } from '../core/errors.ts'
import type { Engine } from './engine.ts'
import type { Following } from './hub.ts'
import type { StreamRef } from './membership-effects.ts'
import { authenticatePerson, type Proof } from './people/authenticate.ts'
import { createPerson } from './people/create-person.ts'
import { CLOSE, type Close, type Ready, type RequestId } from './protocol.ts'
import { planResume, type Resume } from './resume.ts'
import type { Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'

export type SignIn = Proof & {
  cursor: string | null
  /** Whether `ready` tells of unread messages and mentions. */
  withCounts: boolean
  /** The workspace that the connection names, where its people are of one. */
  workspaceId: string | null
  re: RequestId | null
}

const SNAPSHOT_TRIES = 5

/** How a connection ends whose sign-in is refused. */
const REFUSALS: Partial<Record<ErrorKind, Close>> = {
  unauthenticated: CLOSE.signedOut,
  forbidden: CLOSE.forbidden,
  not_found: CLOSE.forbidden,
  invalid: CLOSE.malformed,
  unprocessable: CLOSE.malformed,
}

/** Takes a connection from who it says it is to `ready` and its events; closes it where that fails. */
export async function signIn(engine: Engine, session: Session, input: SignIn): Promise<void> {
  session.beginConnecting()
  try {
    const actor = await authenticatePerson(engine, session.wire.skin.people, input)
    const { people } = session.wire.skin
    session.identify(createPerson(engine, actor, { connection: session, people, workspaceId: input.workspaceId }))
    await engine.snapshots.pass(() => getReady(engine, session, input))
  } catch (error) {
    const close = error instanceof AppError ? REFUSALS[error.kind] : undefined
    if (error instanceof AppError && close !== undefined) return session.close({ ...close, reason: error.code })
    engine.log.warn({ err: error }, 'a connection could not begin')
    session.close(CLOSE.restart)
  }
}

async function getReady(engine: Engine, session: Session, input: SignIn): Promise<void> {
  for (let attempt = 1; attempt <= SNAPSHOT_TRIES && !session.isClosed; attempt++) {
    if (hasTooMany(engine, session)) return session.close(CLOSE.tooMany)
    const beginning = await readBeginning(engine, session, input)
    if (session.isClosed) return
    if (beginning === undefined) return session.close(CLOSE.signedOut)
    // Where it cannot attach, the node was so busy that what came since the snapshot is forgotten already.
    if (hasTooMany(engine, session)) return session.close(CLOSE.tooMany)
    if (begin(engine, session, { ...beginning, re: input.re })) return
  }
  session.close(CLOSE.restart)
}

function hasTooMany({ hub, limits }: Engine, { userId }: Session): boolean {
  return hub.connectionsOf(userId) >= limits.connectionsPerUserMax
}

type Beginning = { snapshot: Snapshot; resume: Resume | null }

/** Undefined where the person may not be here any more. */
async function readBeginning(engine: Engine, session: Session, input: SignIn): Promise<Beginning | undefined> {
  const { core, hub, limits, cursors } = engine
  const nowMs = Date.parse(core.clock())
  const { streamsMax } = limits
  const { withCounts } = input
  const snapshot = await session.person.readSnapshot({ withCounts, streamsMax, nowMs })
  if (snapshot === undefined) return undefined
  if (input.cursor === null) return { snapshot, resume: null }
  const cursor = cursors.decode(input.cursor)
  const { recent } = hub
  const resume = await planResume(core.database, { cursor, personId: session.userId, snapshot, recent, limits, nowMs })
  // Who has missed too much begins anew, and needs to know what is unread.
  if (!resume.isResumed && !withCounts) return readBeginning(engine, session, { ...input, withCounts: true })
  return { snapshot, resume }
}

/** All in one turn: attached, `ready` said, and only then events. False where it cannot be attached. */
function begin(engine: Engine, session: Session, beginning: Beginning & { re: RequestId | null }): boolean {
  const { snapshot, resume, re } = beginning
  const from = resume?.isResumed ? resume.place : snapshot.place
  const streams = followingsOf(snapshot, resume)
  if (!session.attach({ streams, position: snapshot.place.position })) return false
  if (session.isClosed) return true
  const ready: Ready = {
    sessionId: session.id,
    me: session.person.introduce(),
    cursor: engine.cursors.encode(from),
    resumed: resume?.isResumed ?? false,
    streams: snapshot.streams,
    hasMoreStreams: snapshot.hasMoreStreams,
    gap: resume === null || resume.isResumed ? null : resume.gap,
  }
  session.say([session.wire.skin.ready(ready, re)], ready.cursor)
  session.appear()
  session.start(from)
  return true
}

function followingsOf({ streams }: Snapshot, resume: Resume | null): [StreamRef, Following][] {
  const always: Following = { isMember: true, isSubscriber: false, since: 0 }
  const joinedAt = resume?.isResumed ? resume.joinedAt : new Map<string, number>()
  return streams.map(({ id, kind, workspaceId }) => {
    const since = joinedAt.get(id)
    return [{ id, kind, workspaceId }, since === undefined ? always : { ...always, since }]
  })
}

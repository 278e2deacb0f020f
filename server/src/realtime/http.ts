import { randomUUIDv7 } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Connections } from './connections.ts'
import { type Credentials, readCredentials } from './credentials.ts'
import type { Engine } from './engine.ts'
import { EventStream, encodeEventStream } from './event-stream.ts'
import { encodePoll, LongPoll, pollSkin } from './long-poll.ts'
import type { Transport } from './outlet.ts'
import { addPageRoute } from './page-route.ts'
import type { Skin } from './protocol.ts'
import { Session } from './session.ts'
import { signIn } from './sign-in.ts'
import type { Wire } from './wire.ts'

export type EventRoutes = { engine: Engine; connections: Connections; skin: Skin; firstFreeWire: number }

const WAIT_S_DEFAULT = 25

/** `GET /v1/events`: the frames of a socket as server-sent events, or as the answer to a long poll. */
export function addEventRoutes(app: FastifyInstance, { engine, connections, skin, firstFreeWire }: EventRoutes): void {
  const streamWire: Wire = { index: firstFreeWire, skin, encode: encodeEventStream }
  const pollWire: Wire = { index: firstFreeWire + 1, skin: pollSkin(skin), encode: encodePoll }
  addPageRoute(app, engine, skin)
  app.get('/v1/events', { exposeHeadRoute: false, schema: { hide: true } }, async (req, reply) => {
    const query = new URLSearchParams(req.url.split('?', 2)[1] ?? '')
    const credentials = readCredentials(req.headers, query)
    const waitMs = readWaitMs(query.get('wait_s'), engine.limits.pollWaitMsMax)
    if (waitMs === undefined) return reply.code(422).send(WRONG_WAIT)
    if (!connections.hasRoom) return reply.code(503).header('retry-after', '3').send(NO_ROOM)
    reply.hijack()
    const visit = { engine, connections, req, reply }
    if (req.headers.accept?.includes('text/event-stream')) {
      const lastEventId = req.headers['last-event-id']
      const cursor = typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : credentials.cursor
      streamEvents(visit, streamWire, { ...credentials, cursor })
    } else poll(visit, pollWire, { ...credentials, waitMs })
  })
}

type Visit = { engine: Engine; connections: Connections; req: FastifyRequest; reply: FastifyReply }

function streamEvents(visit: Visit, wire: Wire, credentials: Credentials) {
  const stream = new EventStream({ response: visit.reply.raw, headers: visit.reply.getHeaders() })
  const session = openSession(visit, wire, stream, () => {
    stream.beat()
    // Nothing comes back on this way: a reader that is gone is found by what it does not read.
    visit.connections.heard(session)
  })
  visit.reply.raw.on('drain', () => session.drained())
  void signIn(visit.engine, session, { ...credentials, ...comingFrom(visit), withCounts: true, re: null })
}

function poll(visit: Visit, wire: Wire, { waitMs, ...credentials }: Credentials & { waitMs: number }) {
  const answer = new LongPoll({
    response: visit.reply.raw,
    headers: visit.reply.getHeaders(),
    waitMs,
    place: () => visit.engine.cursors.encode(session.feed.place),
    onAnswered: () => session.closed(),
  })
  const session = openSession(visit, wire, answer)
  // Counting unread messages for every poll would cost more than the poll.
  const withCounts = credentials.cursor === null
  void signIn(visit.engine, session, { ...credentials, ...comingFrom(visit), withCounts, re: null })
}

function comingFrom({ req }: Visit) {
  return { address: req.ip, origin: req.headers.origin ?? null, workspaceId: null }
}

function openSession({ engine, connections, reply }: Visit, wire: Wire, transport: Transport, ping?: () => void) {
  const onClose = (session: Session) => connections.remove(session)
  const session = new Session(engine, { id: randomUUIDv7(), wire, transport, onClose })
  session.beginConnecting()
  connections.add({ session, ping })
  reply.raw.on('close', () => session.closed())
  return session
}

function readWaitMs(text: string | null, maxMs: number): number | undefined {
  if (text === null) return WAIT_S_DEFAULT * 1_000
  const seconds = Number(text)
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) return undefined
  return Math.min(seconds * 1_000, maxMs)
}

const NO_ROOM = { error: { code: 'overloaded', message: 'The server has too much to do: try again shortly.' } }
const WRONG_WAIT = {
  error: {
    code: 'invalid_request',
    message: 'Some fields are not valid.',
    fields: { wait_s: ['is not a number of seconds'] },
  },
}

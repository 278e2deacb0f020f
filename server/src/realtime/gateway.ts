// The door to the sockets. Ownership: one per node, made by app.ts and fed by the log's tail from its making on; it
// owns the hub, presence and all connections. Ordering: see hub.ts and session.ts. Shutdown: `drain` refuses
// newcomers and sends everybody away over some time; `close` ends at once what is left.

import { randomUUIDv7 } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import type { Core } from '../core/context.ts'
import type { LogTail } from '../core/log/log-tail.ts'
import type { PresencePort } from '../core/ports.ts'
import { Turnstile } from '../core/turnstile.ts'
import { Connections } from './connections.ts'
import { ContactPresence } from './contact-presence.ts'
import { readCredentials, readNamedWorkspace } from './credentials.ts'
import { createCursors } from './cursor.ts'
import type { Engine, SocketAuthentication } from './engine.ts'
import { FlushQueue } from './fan-out.ts'
import { encodeTextFrames } from './frame.ts'
import { addEventRoutes } from './http.ts'
import { Hub } from './hub.ts'
import { Inbox } from './inbox.ts'
import { REALTIME_LIMITS, type RealtimeLimits } from './limits.ts'
import { Presence } from './presence.ts'
import { CLOSE, type Skin } from './protocol.ts'
import { Session } from './session.ts'
import { rtV1 } from './skins/rt-v1.ts'
import { asksForOther, createSocketTransport, createWebSocketServer } from './socket.ts'
import { Typing } from './typing.ts'
import { isFromAllowedOrigin, refuseUpgrade } from './upgrade.ts'
import type { Wire } from './wire.ts'

export type GatewayOptions = {
  core: Core
  tail: LogTail
  /** Signs the cursors: the same on all nodes. */
  secret: string
  authentication: SocketAuthentication
  /** The skins of the dialects' own sockets, by path; rt.v1 is there without being named. */
  skins?: Record<string, Skin>
  /** Origins of web pages that may open sockets, beside this server's own; `*` is everybody. */
  allowedOrigins?: readonly string[]
  limits?: Partial<RealtimeLimits>
}

export type Gateway = {
  presence: PresencePort
  /** Takes a request for a socket; give it the HTTP server's `upgrade` events. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Adds the routes of server-sent events and long poll. */
  registerHttp(app: FastifyInstance): void
  /** How many connections are open. */
  connectionCount(): number
  /** Refuses newcomers and sends everybody away, evenly over a time. */
  drain(drainMs?: number): Promise<void>
  /** Ends everything at once. */
  close(): void
}

const RT_V1_PATH = '/v1/ws/connect'
const RETRY_AFTER_S = 3

export function createGateway(options: GatewayOptions): Gateway {
  const engine = createEngine(options)
  const connections = new Connections(engine)
  options.tail.listen((events) => connections.apply(events))
  const server = createWebSocketServer(engine.limits.frameBytesMax)
  const { wires, firstFreeWire } = createWires({ [RT_V1_PATH]: rtV1, ...options.skins })
  return {
    presence: engine.presence,
    handleUpgrade(req, socket, head) {
      const { pathname, query } = splitUrl(req.url ?? '/')
      const wire = wires.get(pathname)
      if (wire === undefined) return refuseUpgrade(socket, 404)
      // Where a contact's page may stand is their client's to say, and known once they have signed in.
      const isJudgedLater = wire.skin.people === 'contact'
      if (!isJudgedLater && !isFromAllowedOrigin(req.headers, options.allowedOrigins ?? []))
        return refuseUpgrade(socket, 403)
      if (!connections.hasRoom) return refuseUpgrade(socket, 503, { 'retry-after': String(RETRY_AFTER_S) })
      server.handleUpgrade(req, socket, head, (ws) => {
        welcome({ engine, connections, wire }, { ws, socket, req, query })
      })
    },
    registerHttp: (app) => addEventRoutes(app, { engine, connections, skin: rtV1, firstFreeWire }),
    connectionCount: () => connections.size,
    drain: (drainMs = engine.limits.drainMs) => connections.drain(drainMs),
    close() {
      connections.close()
      engine.presence.close()
      engine.contactPresence.close()
      engine.typing.close()
    },
  }
}

/** A wire for each skin, by the path of its sockets, and further ones for data of tests. */
function createWires(skins: Record<string, Skin>): { wires: Map<string, Wire>; firstFreeWire: number } {
  let index = 0
  const createWire = (skin: Skin): Wire => ({ index: index++, skin, encode: encodeTextFrames })
  const entries = Object.entries(skins).map(([path, skin]): [string, Wire] => {
    const test = skin.test && createWire(skin.test)
    return [path, { ...createWire(skin), test }]
  })
  return { wires: new Map(entries), firstFreeWire: index }
}

function createEngine({ core, tail, secret, authentication, limits: changed }: GatewayOptions): Engine {
  const limits = { ...REALTIME_LIMITS, ...changed }
  const { log } = core
  const cursors = createCursors(secret)
  const hub = new Hub({ position: tail.position, cursors, limits, log })
  const presence = new Presence({
    graceMs: limits.presenceGraceMs,
    gatherMs: limits.presenceGatherMs,
    now: core.clock,
    announce: (passing, options) => hub.announce(passing, options),
  })
  const passing = { now: core.clock, announce: hub.announce.bind(hub) }
  const contactPresence = new ContactPresence({ graceMs: limits.presenceGraceMs, ...passing })
  const typing = new Typing({ ttlMs: limits.typingTtlMs, everyMs: limits.typingEveryMs, ...passing })
  tail.listen((events) => {
    presence.apply(events)
    hub.publish(events)
    typing.apply(events)
  })
  const snapshots = new Turnstile({ atOnce: limits.snapshotsMax, lineMax: limits.connectionsMax })
  const people = { presence, contactPresence, typing, authentication }
  return { core, hub, ...people, flushes: new FlushQueue(), cursors, snapshots, limits, log }
}

/** The path without a slash at its end, and the query. */
function splitUrl(url: string): { pathname: string; query: URLSearchParams } {
  const [path = '', query = ''] = url.split('?', 2)
  return { pathname: path.replace(/(?<=.)\/$/, ''), query: new URLSearchParams(query) }
}

type Door = { engine: Engine; connections: Connections; wire: Wire }
type Visitor = { ws: WebSocket; socket: Duplex; req: IncomingMessage; query: URLSearchParams }

function welcome({ engine, connections, wire }: Door, { ws, socket, req, query }: Visitor) {
  const transport = createSocketTransport(ws, socket)
  const onClose = (session: Session) => connections.remove(session)
  const session = new Session(engine, { id: randomUUIDv7(), wire, transport, onClose })
  const visitor = {
    address: req.socket.remoteAddress ?? null,
    origin: req.headers.origin ?? null,
    workspaceId: readNamedWorkspace(req.headers, query),
  }
  const inbox = new Inbox(engine, session, visitor)
  connections.add({ session, ping: () => ws.ping() })
  socket.on('drain', () => session.drained())
  ws.on('message', (data: Buffer, isBinary: boolean) => {
    connections.heard(session)
    if (isBinary) session.close(CLOSE.malformed)
    else inbox.receive(data.toString())
  })
  ws.on('pong', () => connections.heard(session))
  ws.on('close', () => session.closed())
  // A broken frame or connection; `ws` closes it, and 'close' follows.
  ws.on('error', (error) => engine.log.debug({ err: error }, 'a socket failed'))
  if (wire.skin.subprotocol !== null && asksForOther(req, wire.skin.subprotocol))
    return session.close(CLOSE.unknownVersion)
  session.say([wire.skin.hello({ nodeId: engine.core.nodeId, beatMs: engine.limits.beatMs })])
  const credentials = readCredentials(req.headers, query)
  if (credentials.token !== null || credentials.ticket !== null) inbox.signIn(credentials)
}

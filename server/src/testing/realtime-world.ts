import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify from 'fastify'
import { WebSocket } from 'ws'
import { AppError } from '../core/errors.ts'
import { createSocketObjects as createCustomerObjects } from '../dialects/customer-messaging/socket-objects.ts'
import { createSocketObjects as createInboxObjects } from '../dialects/inbox/socket-objects.ts'
import { createErrorHandler } from '../dialects/team-chat/errors.ts'
import { createSocketObjects } from '../dialects/team-chat/socket-objects.ts'
import { silentLogger } from '../platform/log.ts'
import { createGateway, type Gateway } from '../realtime/gateway.ts'
import type { RealtimeLimits } from '../realtime/limits.ts'
import { createCustomerMessagingSkin } from '../realtime/skins/customer-messaging.ts'
import { createInboxSkin } from '../realtime/skins/inbox.ts'
import { createTeamChatSkin } from '../realtime/skins/team-chat.ts'
import type { Name } from './cast.ts'
import { RtClient, type RtClientOptions } from './rt-client.ts'
import { type TestWorld, type TestWorldOptions, testWorld } from './world.ts'

export type RealtimeWorld = TestWorld & {
  gateway: Gateway
  /** `ws://…` and `http://…` of the server. */
  wsUrl: string
  httpUrl: string
  /** A client of rt.v1; signs in as somebody of the cast. */
  client(name: Name, options?: Partial<RtClientOptions>): RtClient
  /** A socket without any manners. */
  socket(path: string, headers?: Record<string, string>): RawSocket
  /** The same at another node. */
  socketAt(wsUrl: string, path: string, headers?: Record<string, string>): RawSocket
  /** One more node on the same database. */
  startNode(limits?: Partial<RealtimeLimits>): Promise<RealtimeNode>
}

export type RealtimeNode = { gateway: Gateway; wsUrl: string; httpUrl: string; stop(): Promise<void> }

/** The cast, with a server that has nothing but the sockets; somebody's access token is their name. */
export async function realtimeWorld(
  t: TestContext,
  limits: Partial<RealtimeLimits> = {},
  options: TestWorldOptions = {},
): Promise<RealtimeWorld> {
  const world = await testWorld(t, options)
  const started: { close(): void }[] = []
  const startNode = async (nodeLimits: Partial<RealtimeLimits> = limits) => {
    const node = await listen(world, nodeLimits)
    t.after(node.stop)
    return node
  }
  const { gateway, wsUrl, httpUrl } = await startNode()
  t.after(() => {
    for (const one of started) one.close()
  })
  const remember = <T extends { close(): void }>(one: T) => {
    started.push(one)
    return one
  }
  return {
    ...world,
    gateway,
    wsUrl,
    httpUrl,
    startNode,
    client: (name, options) => remember(new RtClient({ url: () => wsUrl, token: () => name, ...options })),
    socketAt: (url, path, headers) => remember(new RawSocket(`${url}${path}`, headers)),
    socket: (path, headers) => remember(new RawSocket(`${wsUrl}${path}`, headers)),
  }
}

async function listen(world: TestWorld, limits: Partial<RealtimeLimits>): Promise<RealtimeNode> {
  const { core, tail } = world.runtime
  const byToken = async (name: string) => {
    const id = world.ids[name as Name]
    if (id === undefined) throw new AppError('invalid_access_token')
    return { kind: 'user' as const, id, sessionId: id, address: null }
  }
  const authentication = { byToken, byTicket: (ticket: string) => byToken(ticket.replace('ticket-', '')) }
  const skins = {
    '/ws': createTeamChatSkin(createSocketObjects(core)),
    '/ws/customers': createCustomerMessagingSkin(createCustomerObjects),
    '/ws/conversations': createInboxSkin(core, createInboxObjects(core)),
  }
  const gateway = createGateway({ core, tail, secret: 's'.repeat(32), authentication, skins, limits })
  const app = Fastify()
  app.setErrorHandler(createErrorHandler(silentLogger))
  gateway.registerHttp(app)
  app.server.on('upgrade', gateway.handleUpgrade)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const stop = async () => {
    gateway.close()
    app.server.closeAllConnections()
    await app.close()
  }
  return { gateway, wsUrl: `ws://127.0.0.1:${port}`, httpUrl: `http://127.0.0.1:${port}`, stop }
}

/** Resolves when so many connections are open. */
export async function untilConnections(gateway: Gateway, count: number): Promise<void> {
  while (gateway.connectionCount() !== count) await delay(5)
}

export type AnyFrame = {
  op?: string
  re?: number
  t?: string
  /** What a frame of team-chat is called, and what it holds. */
  event?: string
  data?: Record<string, unknown>
  /** What a frame of the inbox is called, and the cursor after it. */
  type?: string
  cursor?: string
  s?: string
  q?: number
  c?: string
  d: Record<string, never>
}

/** A socket that keeps every frame and lets a test wait for them. */
export class RawSocket {
  readonly frames: AnyFrame[] = []
  readonly ws: WebSocket
  /** The close code, or the status of a refused handshake. */
  readonly ended: Promise<number>
  #wake = () => {}

  constructor(url: string, headers: Record<string, string> = {}) {
    this.ws = new WebSocket(url, { headers })
    const ended = Promise.withResolvers<number>()
    this.ended = ended.promise
    this.ws.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as AnyFrame)
      this.#wake()
    })
    this.ws.on('unexpected-response', (_req, res) => {
      ended.resolve(res.statusCode ?? 0)
      res.destroy()
    })
    this.ws.on('error', () => {})
    this.ws.on('close', (code) => {
      ended.resolve(code)
      this.#wake()
    })
  }

  async send(frame: unknown): Promise<void> {
    if (this.ws.readyState === WebSocket.CONNECTING) await once(this.ws, 'open')
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** The first frame that is so, among those that came and those that come. */
  async frame(isSo: (frame: AnyFrame) => boolean): Promise<AnyFrame> {
    for (;;) {
      const found = this.frames.find(isSo)
      if (found !== undefined) return found
      if (this.ws.readyState >= WebSocket.CLOSING) throw new Error('The socket ended before such a frame.')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  event(type: string): Promise<AnyFrame> {
    return this.frame((frame) => frame.op === 'ev' && frame.t === type)
  }

  close(): void {
    this.ws.terminate()
  }
}

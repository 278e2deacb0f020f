import type { IncomingMessage, Server } from 'node:http'
import type pg from 'pg'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Authenticate } from './accounts.ts'

type Options = { pool: pg.Pool; authenticate: Authenticate }

/** Who listens to which channel. Each frame is made and sent for each subscriber, as `ws` examples do it. */
export class Subscribers {
  readonly #byChannel = new Map<string, Set<WebSocket>>()
  readonly #server: WebSocketServer
  readonly #options: Options

  constructor(server: Server, options: Options) {
    this.#options = options
    this.#server = new WebSocketServer({ server, path: '/ws' })
    this.#server.on('connection', (socket, request) => void this.#accept(socket, request))
  }

  broadcast(channelId: string, event: string, data: unknown): void {
    for (const socket of this.#byChannel.get(channelId) ?? []) socket.send(JSON.stringify({ event, data }))
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
  }

  async #accept(socket: WebSocket, request: IncomingMessage): Promise<void> {
    socket.on('error', () => socket.terminate())
    try {
      const userId = this.#options.authenticate(request.headers.authorization)
      const { rows } = await this.#options.pool.query<{ channel_id: string }>(
        'select channel_id from channel_members where user_id = $1',
        [userId],
      )
      for (const { channel_id } of rows) this.#subscribe(channel_id, socket)
      socket.send(JSON.stringify({ event: 'READY', data: { user: { id: userId } } }))
    } catch {
      socket.close(4401)
    }
  }

  #subscribe(channelId: string, socket: WebSocket): void {
    const sockets = this.#byChannel.get(channelId) ?? new Set()
    this.#byChannel.set(channelId, sockets.add(socket))
    socket.once('close', () => sockets.delete(socket))
  }
}

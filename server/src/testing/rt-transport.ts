import { WebSocket } from 'ws'

export type RtFrame = { op?: string; re?: number } & Record<string, unknown>

/** What a client gives to a new connection. */
export type RtVisit = {
  /** `ws://…` of the server. */
  url: string
  token: string
  /** Where the client goes on; undefined where it begins. */
  cursor: string | undefined
  /** The way to speak on the connection, given before anything comes from it. */
  opened(connection: RtConnection): void
  /** Takes a frame of rt.v1. */
  take(frame: RtFrame): void
}

export type RtConnection = {
  /** Sends a request of rt.v1; throws where the connection is not open. */
  send(text: string): void
  /** Cuts it without a word. */
  terminate(): void
}

/** One connection from beginning to end; resolves with its close code. */
export type RtTransport = (visit: RtVisit) => Promise<number>

export const ABNORMAL_CLOSE = 1006

/** The socket of rt.v1. */
export function openRtSocket({ url, token, cursor, opened, take }: RtVisit): Promise<number> {
  const query = cursor === undefined ? '' : `?cursor=${cursor}`
  const headers = { authorization: `Bearer ${token}` }
  const socket = new WebSocket(`${url}/v1/ws/connect${query}`, 'rt.v1', { headers })
  opened(connectionOf(socket))
  socket.on('message', (data) => take(JSON.parse(String(data)) as RtFrame))
  return untilClosed(socket)
}

export function connectionOf(socket: WebSocket): RtConnection {
  return {
    send: (text) => {
      if (socket.readyState !== WebSocket.OPEN) throw new Error('Not connected.')
      socket.send(text)
    },
    terminate: () => socket.terminate(),
  }
}

/** The close code, also where the server could not be reached. */
export function untilClosed(socket: WebSocket): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  // 'close' follows.
  socket.on('error', () => {})
  socket.on('close', resolve)
  return promise
}

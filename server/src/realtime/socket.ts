import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Transport } from './outlet.ts'
import { CLOSE, PROTOCOL } from './protocol.ts'

/** How long a client may take to answer our close frame before the connection is cut. */
const CLOSE_TIMEOUT_MS = 5_000
const MESSAGE_TOO_BIG = 1009

/** `ws` with our close code for frames over the limit. */
class LimitedWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (code === MESSAGE_TOO_BIG) super.close(CLOSE.tooLarge.code, CLOSE.tooLarge.reason)
    else super.close(code, reason)
  }
}

/** Speaks the handshake. Without compression: it costs each connection memory, and each frame its sharing. */
export function createWebSocketServer(frameBytesMax: number): WebSocketServer {
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameBytesMax,
    closeTimeout: CLOSE_TIMEOUT_MS,
    WebSocket: LimitedWebSocket,
    handleProtocols: (offered: Set<string>) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  }
  return new WebSocketServer(options)
}

/** Whether the client asks for versions of the protocol of which this server speaks none. */
export function asksForUnknownVersion({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol']
  return offered !== undefined && !offered.split(',').some((protocol) => protocol.trim() === PROTOCOL)
}

/** Frames are written to the socket beneath `ws`, which writes its own (pong, close) whole and at once. */
export function createSocketTransport(ws: WebSocket, socket: Duplex): Transport {
  return {
    write: (bytes) => !socket.writable || socket.write(bytes),
    get bufferedBytes() {
      return socket.writableLength
    },
    close: ({ code, reason }) => ws.close(code, reason),
  }
}

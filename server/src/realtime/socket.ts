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
    handleProtocols: chooseProtocol,
  }
  return new WebSocketServer(options)
}

/** Browsers hang up where none of theirs is chosen: then they would not hear why the connection is closed. */
function chooseProtocol(offered: Set<string>): string | false {
  return offered.has(PROTOCOL) ? PROTOCOL : (offered.values().next().value ?? false)
}

/** Whether the client names subprotocols, and not this one. */
export function asksForOther({ headers }: IncomingMessage, subprotocol: string): boolean {
  const offered = headers['sec-websocket-protocol']
  return offered !== undefined && !offered.split(',').some((protocol) => protocol.trim() === subprotocol)
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

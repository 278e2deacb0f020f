import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Whether the page that asks may open sockets: one of this server, or of an origin that is allowed. */
export function isFromAllowedOrigin({ origin, host }: IncomingHttpHeaders, allowedOrigins: readonly string[]): boolean {
  // Only browsers say where they are.
  if (origin === undefined || allowedOrigins.includes('*') || allowedOrigins.includes(origin)) return true
  return URL.parse(origin)?.host === host
}

/** Answers a request for a socket with a plain HTTP error, before any handshake. */
export function refuseUpgrade(socket: Duplex, status: number, headers: Record<string, string> = {}): void {
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': '0' })
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines.map(([name, value]) => `${name}: ${value}`)]
  socket.once('error', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n`)
}

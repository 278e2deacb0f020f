import type { ServerResponse } from 'node:http'
import { CLOSE, type Close } from './protocol.ts'

/** Headers that an answer has already. */
export type Headers = Record<string, string | number | string[] | undefined>

/** Answers a request that could not become a connection, with the status for why it was closed. */
export function answerClosing(response: ServerResponse, headers: Headers, { code, reason }: Close): void {
  const [status, errorCode] = statusOf(code)
  const more = status === 401 ? { 'www-authenticate': 'Bearer' } : { 'retry-after': '3' }
  response.writeHead(status, { ...headers, ...more, 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify({ error: { code: errorCode, message: reason } }))
}

function statusOf(code: number): [number, string] {
  if (code === CLOSE.signedOut.code) return [401, 'unauthenticated']
  if (code === CLOSE.tooMany.code) return [429, 'rate_limited']
  return [503, 'unavailable']
}

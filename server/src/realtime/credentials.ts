import type { IncomingHttpHeaders } from 'node:http'

export type Credentials = { token: string | null; ticket: string | null; cursor: string | null }

const BEARER = /^Bearer +([\w.~+/=-]+) *$/i

/** What a request for a socket or for events brings: the header comes first, then the query. */
export function readCredentials(headers: IncomingHttpHeaders, query: URLSearchParams): Credentials {
  return {
    token: BEARER.exec(headers.authorization ?? '')?.[1] ?? query.get('token'),
    ticket: query.get('ticket'),
    cursor: query.get('cursor'),
  }
}

/** The workspace that a request names, where there may be several; browsers cannot send the header. */
export function readNamedWorkspace(headers: IncomingHttpHeaders, query: URLSearchParams): string | null {
  const named = String(headers['x-workspace-id'] ?? '').trim() || (query.get('workspaceId') ?? '')
  return named === '' ? null : named.toLowerCase()
}

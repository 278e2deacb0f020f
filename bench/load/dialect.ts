import { type Credentials, encodeRequest, type HttpConnection } from './http-connection.ts'
import type { HistoryRow } from './ledger.ts'

/** Who sends, and where to, in turn. */
export type Sender = Credentials & { id: string; channelIds: string[] }

/** A channel, as somebody who may read it names it. */
export type Place = Credentials & { channelId: string }

/** How messages are sent and read back in one of the server's dialects. */
export type Dialect = {
  encodeSend(sender: Sender, channelId: string, number: number): string
  /** The whole history of a channel, oldest first. */
  readHistory(connection: HttpConnection, place: Place): Promise<HistoryRow[]>
}

/** More than any history of the bench has. */
export const PAGES_MAX = 100_000

/** Reads JSON; throws where it is refused. */
export async function getJson<T>(
  connection: HttpConnection,
  request: Credentials & { path: string },
): Promise<{ page: T; bytes: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ page: T; bytes: number }>()
  connection.request(encodeRequest({ ...request, method: 'GET' }), (status, body) => {
    if (status === 200) resolve({ page: JSON.parse(body.toString('utf8')), bytes: body.length })
    else reject(new Error(`GET ${request.path} was answered with ${status}: ${body.toString('utf8', 0, 300)}`))
  })
  return promise
}

import { encodeRequest, HttpConnection } from './http-connection.ts'
import { type HistoryRow, parseNumber } from './ledger.ts'

type Page = { data: { body: string; sequence?: number }[]; next_cursor: string | null; has_more: boolean }

const PAGE_LIMIT = 100
const PAGES_MAX = 100_000

/** Reads whole channels back through the API, each oldest first. */
export async function readHistories(port: number, channels: { id: string; token: string }[]): Promise<HistoryRow[][]> {
  const histories = new Array<HistoryRow[]>(channels.length)
  let next = 0
  const readMany = async () => {
    const connection = await HttpConnection.open(port)
    while (next < channels.length) {
      const at = next++
      histories[at] = await readHistory(connection, channels[at]!)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: Math.min(16, channels.length) }, readMany))
  return histories
}

async function readHistory(connection: HttpConnection, channel: { id: string; token: string }): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = []
  let path: string | undefined = historyPath(channel.id, PAGE_LIMIT, null)
  for (let pages = 0; path !== undefined; pages++) {
    if (pages > PAGES_MAX) throw new Error('The history does not end.')
    const { page } = await getPage(connection, path, channel.token)
    for (const message of page.data) {
      // Who joins, who is renamed: nothing else stands in these channels, so a foreign text is counted as unknown.
      rows.push({ number: parseNumber(message.body), sequence: message.sequence })
    }
    path = page.next_cursor === null ? undefined : historyPath(channel.id, PAGE_LIMIT, page.next_cursor)
  }
  return rows.reverse()
}

export function historyPath(channelId: string, limit: number, cursor: string | null): string {
  const after = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
  return `/channels/${channelId}/messages?limit=${limit}${after}`
}

export async function getPage(
  connection: HttpConnection,
  path: string,
  token: string,
): Promise<{ page: Page; bytes: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ page: Page; bytes: number }>()
  connection.request(encodeRequest({ method: 'GET', path, token }), (status, body) => {
    if (status === 200) resolve({ page: JSON.parse(body.toString('utf8')), bytes: body.length })
    else reject(new Error(`GET ${path} was answered with ${status}: ${body.toString('utf8', 0, 300)}`))
  })
  return promise
}

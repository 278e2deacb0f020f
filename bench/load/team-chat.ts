import { type Dialect, getJson, PAGES_MAX, type Place } from './dialect.ts'
import { encodeRequest, type HttpConnection } from './http-connection.ts'
import { composeText, type HistoryRow, parseNumber } from './ledger.ts'

export type HistoryPage = {
  data: { body: string; sequence?: number }[]
  next_cursor: string | null
  has_more: boolean
}

const PAGE_LIMIT = 100

/** Of the baseline too: it has the same routes. */
export const teamChat: Dialect = {
  encodeSend: ({ token }, channelId, number) => encodeSend(channelId, token, number),
  readHistory,
}

export function encodeSend(channelId: string, token: string, number: number): string {
  const body = `{"body":"${composeText(number)}"}`
  return encodeRequest({ method: 'POST', path: `/channels/${channelId}/messages`, token, body })
}

async function readHistory(connection: HttpConnection, { channelId, token }: Place): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = []
  let path: string | undefined = historyPath(channelId, PAGE_LIMIT, null)
  for (let pages = 0; path !== undefined; pages++) {
    if (pages > PAGES_MAX) throw new Error('The history does not end.')
    const { page }: { page: HistoryPage } = await getJson(connection, { path, token })
    for (const message of page.data) {
      // Who joins, who is renamed: nothing else stands in these channels, so a foreign text is counted as unknown.
      rows.push({ number: parseNumber(message.body), sequence: message.sequence })
    }
    path = page.next_cursor === null ? undefined : historyPath(channelId, PAGE_LIMIT, page.next_cursor)
  }
  return rows.reverse()
}

export function historyPath(channelId: string, limit: number, cursor: string | null): string {
  const after = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
  return `/channels/${channelId}/messages?limit=${limit}${after}`
}

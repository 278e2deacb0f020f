import { type Dialect, getJson, PAGES_MAX, type Place, type Sender } from './dialect.ts'
import { encodeRequest, type HttpConnection } from './http-connection.ts'
import { composeText, type HistoryRow, parseNumber } from './ledger.ts'

type Page = { data: { id: string; content: string }[]; has_more: boolean }

const PAGE_LIMIT = 100

/** A client's server sends for its customers; messages are shown without their sequence. */
export const customerMessaging: Dialect = { encodeSend, readHistory }

function encodeSend({ id, token, publicKey }: Sender, channelId: string, number: number): string {
  const body = `{"channel_uuid":"${channelId}","sender_uuid":"${id}","content":"${composeText(number)}"}`
  return encodeRequest({ method: 'POST', path: '/api/v1/messages', token, publicKey, body })
}

async function readHistory(connection: HttpConnection, place: Place): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = []
  const first = `/api/v1/messages/channel/${place.channelId}?limit=${PAGE_LIMIT}`
  let path: string | undefined = first
  for (let pages = 0; path !== undefined; pages++) {
    if (pages > PAGES_MAX) throw new Error('The history does not end.')
    const { page }: { page: Page } = await getJson(connection, { ...place, path })
    for (const { content } of page.data) rows.push({ number: parseNumber(content), sequence: undefined })
    const last = page.data.at(-1)
    path = page.has_more && last !== undefined ? `${first}&starting_after=${last.id}` : undefined
  }
  return rows
}

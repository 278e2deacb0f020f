import type { LoggedEvent } from '../core/log/events.ts'
import type { DatabasePool } from '../platform/database/database.ts'
import type { Page } from './protocol.ts'
import { readStreamAfter, readStreamHead } from './read-events.ts'

const PAGE_CHARACTERS_MAX = 500_000

type ReadEvents = Omit<Page, 'isOwn' | 'events'> & { events: LoggedEvent[] }
type ReadPage = { streamId: string; after: number; limit: number }

/** Events of a stream after a seq, as many as fit: for what a client missed. The caller has checked that it may. */
export async function readPage(database: DatabasePool, { streamId, after, limit }: ReadPage): Promise<ReadEvents> {
  const { head } = await readStreamHead(database, streamId)
  const read = await readStreamAfter(database, { streamId, after, limit })
  const isGap = after > head || (read[0] !== undefined && read[0].seq !== after + 1)
  const events = isGap ? [] : takeFitting(read)
  return { streamId, events, head, hasMore: !isGap && (events.at(-1)?.seq ?? after) < head, isGap }
}

function takeFitting(events: LoggedEvent[]): LoggedEvent[] {
  let characters = 0
  const end = events.findIndex(({ data }, i) => {
    if ('message' in data && data.message !== null) characters += data.message.body.length
    return i > 0 && characters > PAGE_CHARACTERS_MAX
  })
  return end === -1 ? events : events.slice(0, end)
}

import type pg from 'pg'
import type { Timestamp } from '../../platform/clock.ts'
import { MESSAGE_COLUMNS } from './queries.ts'
import type { Message } from './schema.ts'

export type Order = 'asc' | 'desc'

/** Some messages after (`asc`) or before (`desc`) an ordinal, in that order. */
export type HistorySlice = {
  within: { conversationId: string; includeReplies: boolean } | { rootId: string }
  order: Order
  /** The ordinal beyond which it begins; null begins at the end. */
  beyond: number | null
  limit: number
}

/** The hot reads of messages: prepared statements, past the query builder. */
export type MessageHistory = {
  read(slice: HistorySlice): Promise<Message[]>
  /** How many of the conversation's messages are older than the moment: the ordinal of the last one before it. */
  countBefore(conversationId: string, at: Timestamp): Promise<number>
}

const ORDINAL_MAX = Number.MAX_SAFE_INTEGER

export function createMessageHistory(pool: pg.Pool): MessageHistory {
  return {
    async read({ within, order, beyond, limit }) {
      const scope = 'rootId' in within ? 'thread' : within.includeReplies ? 'all' : 'main'
      const values = [
        'rootId' in within ? within.rootId : within.conversationId,
        beyond ?? (order === 'asc' ? 0 : ORDINAL_MAX),
        limit,
      ]
      const { rows } = await pool.query<Message>({
        name: `history_${scope}_${order}`,
        text: SLICES[order](SCOPES[scope]),
        values,
      })
      return rows
    },

    async countBefore(conversationId, at) {
      const values = [conversationId, at]
      const { rows } = await pool.query<{ count: number }>({ name: 'history_count', text: COUNT_BEFORE, values })
      return rows[0]?.count ?? 0
    },
  }
}

const SCOPES = {
  thread: 'root_id = $1',
  all: 'conversation_id = $1',
  main: 'conversation_id = $1 and root_id is null',
}

const SLICES: Record<Order, (scope: string) => string> = {
  asc: (scope) => `select ${MESSAGE_COLUMNS} from messages where ${scope} and ordinal > $2 order by ordinal limit $3`,
  desc: (scope) =>
    `select ${MESSAGE_COLUMNS} from messages where ${scope} and ordinal < $2 order by ordinal desc limit $3`,
}

// A binary search by ordinal, which is gapless and rises with time: about twenty index look-ups in a conversation
// of a million messages, where an index on the time would have to be kept with every send.
const COUNT_BEFORE = `
  with recursive search (low, high) as (
    select 0::bigint, message_count from streams where id = $1
    union all
    select
      case when m.created_at < $2 then m.ordinal else low end,
      case when m.created_at < $2 then high else m.ordinal - 1 end
    from search cross join lateral (
      select ordinal, created_at from messages
      where conversation_id = $1 and ordinal = (low + high + 1) / 2
    ) m
    where low < high
  )
  select low as count from search where low = high`

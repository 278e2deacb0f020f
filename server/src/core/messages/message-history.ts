import type pg from 'pg'
import type { Timestamp } from '../../platform/clock.ts'
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
      const { rows } = await pool.query<HistoryRow>({
        name: `history_${scope}_${order}`,
        text: SLICES[order](SCOPES[scope]),
        values,
      })
      return rows.map(readRow)
    },

    async countBefore(conversationId, at) {
      const values = [conversationId, at]
      const { rows } = await pool.query<{ count: number }>({ name: 'history_count', text: COUNT_BEFORE, values })
      return rows[0]?.count ?? 0
    },
  }
}

type HistoryRow = Pick<Message, 'id' | 'conversationId' | 'workspaceId' | 'authorId' | 'body' | 'clientId'> &
  Pick<Message, 'createdAt' | 'ordinal' | 'seq'> & { rest: Partial<Message> | null }

// Most messages are plain text that nobody has edited, answered or reacted to. What they do not have comes as one
// null, since a page of 50 costs as much as the values that it is read from.
const HISTORY_COLUMNS = `id, conversation_id as "conversationId", workspace_id as "workspaceId", author_id as "authorId",
  body, client_id as "clientId", created_at as "createdAt", ordinal, seq,
  case when author_kind <> 'user' or kind <> 'text' or root_id is not null or reply_count > 0 or reaction_count > 0
    or mentions <> '[]' or attachments <> '[]' or updated_at <> created_at or revision > 0 or deleted_at is not null
    or metadata is not null
  then json_build_object('authorKind', author_kind, 'kind', kind, 'rootId', root_id, 'replyCount', reply_count,
    'lastReplyAt', ${isoText('last_reply_at')}, 'reactionCount', reaction_count, 'mentions', mentions,
    'attachments', attachments, 'metadata', metadata, 'revision', revision, 'updatedAt', ${isoText('updated_at')},
    'editedAt', ${isoText('edited_at')}, 'deletedAt', ${isoText('deleted_at')})
  end as rest`

function isoText(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

function readRow(row: HistoryRow): Message {
  const plain: Message = {
    id: row.id,
    conversationId: row.conversationId,
    workspaceId: row.workspaceId,
    authorKind: 'user',
    authorId: row.authorId,
    kind: 'text',
    body: row.body,
    rootId: null,
    replyCount: 0,
    lastReplyAt: null,
    reactionCount: 0,
    mentions: [],
    attachments: [],
    metadata: null,
    clientId: row.clientId,
    revision: 0,
    createdAt: row.createdAt,
    updatedAt: row.createdAt,
    editedAt: null,
    deletedAt: null,
    ordinal: row.ordinal,
    seq: row.seq,
  }
  return row.rest === null ? plain : { ...plain, ...row.rest }
}

const SCOPES = {
  thread: 'root_id = $1',
  all: 'conversation_id = $1',
  main: 'conversation_id = $1 and root_id is null',
}

const SLICES: Record<Order, (scope: string) => string> = {
  asc: (scope) => `select ${HISTORY_COLUMNS} from messages where ${scope} and ordinal > $2 order by ordinal limit $3`,
  desc: (scope) =>
    `select ${HISTORY_COLUMNS} from messages where ${scope} and ordinal < $2 order by ordinal desc limit $3`,
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

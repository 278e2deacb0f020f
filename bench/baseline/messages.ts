import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { refuse } from './refuse.ts'
import type { Subscribers } from './subscribers.ts'

type MessageRow = { id: string; number: string; [column: string]: unknown }
type ReactionRow = { message_id: string; [column: string]: unknown }
type Send = { Params: { id: string }; Body: { body: string; parent_message_id?: string } }
type History = { Params: { id: string }; Querystring: { limit: number; cursor?: string } }

export function registerMessageRoutes(app: FastifyInstance, pool: pg.Pool, subscribers: Subscribers): void {
  app.post<Send>('/channels/:id/messages', { schema: send }, async (req, reply) => {
    const channelId = req.params.id
    await requireMember(pool, channelId, req.userId)
    const { rows } = await pool.query<MessageRow>(
      'insert into messages (channel_id, user_id, body, parent_message_id) values ($1, $2, $3, $4) returning *',
      [channelId, req.userId, req.body.body, req.body.parent_message_id ?? null],
    )
    const message = present(rows[0]!, [])
    subscribers.broadcast(channelId, 'NEW_MESSAGE', message)
    return reply.code(201).send(message)
  })

  app.get<History>('/channels/:id/messages', { schema: history }, async (req) => {
    const { limit, cursor } = req.query
    await requireMember(pool, req.params.id, req.userId)
    const rows = await listMessages(pool, req.params.id, { before: cursor, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const reactions = await listReactions(
      pool,
      page.map((row) => row.id),
    )
    const data = page.map((row) => present(row, reactions.get(row.id) ?? []))
    const hasMore = rows.length > limit
    return { data, next_cursor: hasMore ? page.at(-1)!.number : null, has_more: hasMore }
  })
}

async function requireMember(pool: pg.Pool, channelId: string, userId: string): Promise<void> {
  const text = 'select 1 from channel_members where channel_id = $1 and user_id = $2'
  const { rowCount } = await pool.query(text, [channelId, userId])
  if (rowCount === 0) throw refuse(404, 'channel_not_found')
}

async function listMessages(
  pool: pg.Pool,
  channelId: string,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<MessageRow[]> {
  const olderThan = before === undefined ? '' : 'and number < $3'
  const text = `select * from messages where channel_id = $1 ${olderThan} order by number desc limit $2`
  const { rows } = await pool.query<MessageRow>(text, [channelId, limit, ...(before === undefined ? [] : [before])])
  return rows
}

async function listReactions(pool: pg.Pool, messageIds: string[]): Promise<Map<string, ReactionRow[]>> {
  const text = 'select * from reactions where message_id = any($1) order by created_at'
  const { rows } = await pool.query<ReactionRow>(text, [messageIds])
  return Map.groupBy(rows, (row) => row.message_id)
}

function present({ number: _, ...message }: MessageRow, reactions: ReactionRow[]) {
  return { ...message, reactions }
}

const params = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } }
const send = {
  params,
  body: {
    type: 'object',
    required: ['body'],
    properties: {
      body: { type: 'string', minLength: 1, maxLength: 40_000 },
      parent_message_id: { type: 'string', format: 'uuid' },
    },
  },
}
const history = {
  params,
  querystring: {
    type: 'object',
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
      cursor: { type: 'string', pattern: '^[0-9]{1,18}$' },
    },
  },
}

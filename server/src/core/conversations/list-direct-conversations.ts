import { type RawBuilder, sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { findLastMessages } from '../messages/queries.ts'
import { cutPage, decodeCursor, type Page } from '../page.ts'
import { isTimestamp } from '../parse-moment.ts'
import { findPublicUsers } from '../users/public-users.ts'
import { isUuid } from '../uuid.ts'
import type { Conversation, DirectConversation } from './schema.ts'
import { CONVERSATION_SELECTION, unreadCount } from './views.ts'

export type ListDirectConversations = { limit: number; cursor?: string | null }

// The list is walked as it was sorted when its first page was read, at a position of the event log: a conversation in
// which somebody writes meanwhile keeps its place, and is neither skipped nor shown twice.
type Key = readonly [position: number, active: Timestamp, id: string]

type Row = Conversation & {
  otherUserId: string | null
  lastMessageAt: Timestamp | null
  unreadCount: number
  activeAt: Timestamp
  position: number
}

/**
 * The caller's direct conversations, latest activity first: those in which somebody wrote, and those that the caller
 * opened.
 */
export async function listDirectConversations(
  ctx: Context<UserActor>,
  { limit, cursor }: ListDirectConversations,
): Promise<Page<DirectConversation>> {
  const key = cursor ? decodeCursor<Key>(cursor, isKey) : undefined
  const found = await readRows(ctx, { key, limit: limit + 1 })
  const { rows, nextCursor } = cutPage(found, limit, ({ position, activeAt, id }) => [position, activeAt, id])
  return { rows: await present(ctx, rows), nextCursor }
}

function isKey([position, active, id, ...rest]: unknown[]): boolean {
  return Number.isSafeInteger(position) && isTimestamp(active) && isUuid(id) && rest.length === 0
}

async function readRows(
  ctx: Context<UserActor>,
  { key, limit }: { key: Key | undefined; limit: number },
): Promise<Row[]> {
  const me = ctx.actor.id
  const [position, active, id] = key ?? []
  const isBelow = key === undefined ? sql`true` : sql`(k.active_at, c.id) < (${active}::timestamptz, ${id}::uuid)`
  const { rows } = await sql<Row>`
    select ${CONVERSATION_SELECTION}, c.other_user_id, c.last_message_at, c.active_at, ${unreadCount(me)} as unread_count,
      coalesce(${position ?? null}::bigint, (select max(position) from events), 0) as position
    from (
      select c.*, o.user_id as other_user_id, s.last_message_at, k.active_at
      from participants p
      join conversations c on c.id = p.conversation_id and c.kind = 'direct' and c.deleted_at is null
      join streams s on s.id = c.id
      left join participants o on o.conversation_id = c.id and o.user_id <> ${me}
      cross join lateral (select ${position === undefined ? ACTIVE_AT : activeAtPosition(position)} as active_at) k
      where p.user_id = ${me} and (s.message_count > 0 or c.created_by = ${me}) and ${isBelow}
      order by k.active_at desc, c.id desc
      limit ${limit}
    ) c
    join participants p on p.conversation_id = c.id and p.user_id = ${me}
    order by c.active_at desc, c.id desc`.execute(ctx.db)
  return rows
}

const ACTIVE_AT = sql<Timestamp>`coalesce(s.last_message_at, c.created_at)`

/** When a conversation had last been active at a position of the log. What the log has forgotten is older than that. */
function activeAtPosition(position: number): RawBuilder<Timestamp> {
  const isLater = sql`exists (
    select from events e where e.stream_id = m.conversation_id and e.seq = m.seq and e.position > ${position}
  )`
  return sql`case
    when exists (select from messages m where m.conversation_id = c.id and m.ordinal = s.message_count and ${isLater})
    then coalesce((
      select m.created_at from messages m where m.conversation_id = c.id and not ${isLater} order by m.ordinal desc limit 1
    ), c.created_at)
    else ${ACTIVE_AT} end`
}

async function present(ctx: Context<UserActor>, rows: Row[]): Promise<DirectConversation[]> {
  const [users, messages] = await Promise.all([
    findPublicUsers(
      ctx.db,
      rows.map(({ otherUserId }) => otherUserId ?? ctx.actor.id),
    ),
    findLastMessages(
      ctx.db,
      rows.map(({ id }) => id),
    ),
  ])
  return rows.map((row) => {
    const { otherUserId, lastMessageAt, unreadCount, activeAt, position, ...conversation } = row
    const user = users.get(otherUserId ?? ctx.actor.id)!
    return { conversation, user, unreadCount, lastMessage: messages.get(row.id) ?? null, lastMessageAt }
  })
}

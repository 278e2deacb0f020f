import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { getReadable } from '../conversations/policy.ts'
import { AppError, invalidField } from '../errors.ts'
import { encodeCursor, type Page } from '../page.ts'
import { parseMoment } from '../parse-moment.ts'
import { isUuid } from '../uuid.ts'
import { cutHistory, readPosition } from './history-cursor.ts'
import type { HistorySlice, Order } from './message-history.ts'
import { findMessage } from './queries.ts'
import type { Message } from './schema.ts'

export type ListMessages = {
  conversationId: string
  limit: number
  /** From a page before, or a moment: what is older than it, newer where the order is `asc`. */
  cursor?: string | null
  /** Newest first unless said. */
  order?: Order
  /** A message's id or a moment: the page lies around it. Left aside where there is a cursor. */
  around?: string | null
  /** Whether replies in threads are among them; left out unless said. */
  includeReplies?: boolean
}

export type HistoryPage = Page<Message> & {
  /** Of a page around something: where the opposite order goes on from its first message. */
  previousCursor: string | null
}

/** A conversation's history. Deleted messages stay in it as tombstones. */
export async function listMessages(ctx: Context<UserActor>, input: ListMessages): Promise<HistoryPage> {
  const { limit, cursor, order = 'desc', around, includeReplies = false } = input
  const { conversation } = await getReadable(ctx, input.conversationId, 'conversation_id')
  const conversationId = conversation.id
  const within = { conversationId, includeReplies }
  if (!cursor && around) return listAround(ctx, { within, order, limit, around })
  const beyond = cursor ? await readPosition(ctx, { conversationId, cursor, order }) : null
  const messages = await ctx.ports.history.read({ within, order, beyond, limit: limit + 1 })
  return { ...cutHistory(messages, limit), previousCursor: null }
}

type Around = {
  within: { conversationId: string; includeReplies: boolean }
  order: Order
  limit: number
  around: string
}

async function listAround(ctx: Context<UserActor>, { within, order, limit, around }: Around): Promise<HistoryPage> {
  const middle = await findOrdinal(ctx, within, around)
  const read = (slice: Pick<HistorySlice, 'order' | 'beyond'>) =>
    ctx.ports.history.read({ within, ...slice, limit: limit + 1 })
  const [older, newer] = await Promise.all([
    read({ order: 'desc', beyond: middle + 1 }),
    read({ order: 'asc', beyond: middle }),
  ])
  // Half of the page lies on each side; where one side ends early the other has its room.
  const newerShown = Math.min(newer.length, Math.max(Math.floor(limit / 2), limit - older.length))
  const olderShown = Math.min(older.length, limit - newerShown)
  const rows = [...newer.slice(0, newerShown).reverse(), ...older.slice(0, olderShown)]
  const newerCursor = newer.length > newerShown ? cursorOf(rows.at(0), middle + 1) : null
  const olderCursor = older.length > olderShown ? cursorOf(rows.at(-1), middle) : null
  return order === 'desc'
    ? { rows, nextCursor: olderCursor, previousCursor: newerCursor }
    : { rows: rows.reverse(), nextCursor: newerCursor, previousCursor: olderCursor }
}

function cursorOf(message: Message | undefined, otherwise: number): string {
  return encodeCursor([message?.ordinal ?? otherwise])
}

/** The place that a page lies around: a reply's is its root's where replies are left out. */
async function findOrdinal(
  ctx: Context<UserActor>,
  { conversationId, includeReplies }: Around['within'],
  around: string,
): Promise<number> {
  const at = parseMoment(around)
  if (at !== undefined) return ctx.ports.history.countBefore(conversationId, at)
  if (!isUuid(around)) throw invalidField('around', 'must be a message id or a time such as 2026-01-31T09:30:00Z')
  const message = await findMessage(ctx.db, around)
  if (message?.conversationId !== conversationId) throw new AppError('message_not_found', 'around')
  if (includeReplies || message.rootId === null) return message.ordinal
  const root = await findMessage(ctx.db, message.rootId)
  return root?.ordinal ?? message.ordinal
}

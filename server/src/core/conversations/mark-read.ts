import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { findMessage } from '../messages/queries.ts'
import { getReadable } from './policy.ts'
import { unreadCount } from './views.ts'

export type MarkRead = {
  conversationId: string
  /** Up to this message, or this ordinal; the newest message where neither is given. */
  messageId?: string | null
  ordinal?: number | null
}

export type ReadPosition = { conversationId: string; readOrdinal: number; unreadCount: number }

/** Moves the caller's read position forward, never back. Announced to the caller's own devices. */
export async function markRead(ctx: Context<UserActor>, input: MarkRead): Promise<ReadPosition> {
  const { conversation } = await getReadable(ctx, input.conversationId, 'conversation_id')
  const { id: conversationId, workspaceId } = conversation
  const ordinal = await findOrdinal(ctx, input)
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, ctx.actor.id)
    const moved = await moveForward(ctx, conversationId, ordinal)
    const position = await readPosition(ctx, conversationId)
    if (moved) {
      const data = { conversationId, readOrdinal: position.readOrdinal }
      ctx.record({ type: 'conversation.read', streamId: ctx.actor.id, workspaceId, data })
    }
    return position
  })
}

/** Null is the newest message. */
async function findOrdinal(ctx: Context<UserActor>, input: MarkRead): Promise<number | null> {
  const { conversationId, messageId, ordinal = null } = input
  if (!messageId) return ordinal
  const message = await findMessage(ctx.db, messageId)
  if (message?.conversationId !== conversationId) throw new AppError('message_not_found', 'message_id')
  return message.ordinal
}

async function moveForward(ctx: Context<UserActor>, id: string, ordinal: number | null): Promise<boolean> {
  const { rows } = await sql`
    update participants p set read_ordinal = least(s.message_count, coalesce(${ordinal}::bigint, s.message_count))
    from streams s
    where s.id = p.conversation_id and p.conversation_id = ${id} and p.user_id = ${ctx.actor.id}
      and p.read_ordinal < least(s.message_count, coalesce(${ordinal}::bigint, s.message_count))
    returning p.user_id`.execute(ctx.db)
  return rows.length === 1
}

async function readPosition(ctx: Context<UserActor>, conversationId: string): Promise<ReadPosition> {
  const { rows } = await sql<ReadPosition>`
    select p.conversation_id, p.read_ordinal, ${unreadCount(ctx.actor.id)} as unread_count
    from participants p where p.conversation_id = ${conversationId} and p.user_id = ${ctx.actor.id}`.execute(ctx.db)
  if (rows[0] === undefined) throw new AppError('participant_not_found', 'conversation_id')
  return rows[0]
}

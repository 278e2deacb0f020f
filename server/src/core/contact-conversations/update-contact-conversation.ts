import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { invalidField } from '../errors.ts'
import { type ConversationKey, holdTended } from './policy.ts'
import { readViews } from './queries.ts'
import type { ContactConversationView, TimelineState } from './schema.ts'

export type UpdateContactConversation = ConversationKey & {
  isStarred?: boolean | undefined
  /** 0 marks all as read; more keeps as many unread beside what comes from now on. */
  unreadCount?: number | undefined
}

export const UNREAD_MAX = 1_000_000

/** Stars a conversation, marks it as read or unread, for all of the team, and announces it. No change announces nothing. */
export async function updateContactConversation(
  ctx: Context<UserActor>,
  input: UpdateContactConversation,
): Promise<ContactConversationView> {
  const { workspaceId, conversationId, isStarred, unreadCount } = input
  if (unreadCount !== undefined) requireCount(unreadCount)
  return ctx.transaction(async (ctx) => {
    await holdTended(ctx, { workspaceId, conversationId })
    const before = (await readViews(ctx.db, [conversationId]))[0]!
    const isCounted = unreadCount === undefined || unreadCount === before.unreadCount
    const isSame = isCounted && (isStarred === undefined || isStarred === before.isStarred)
    if (isSame) return before

    const { rows } = await sql<TimelineState>`
      update contact_conversations t set is_starred = ${isStarred ?? before.isStarred},
        read_ordinal = ${isCounted ? sql`t.read_ordinal` : sql`s.message_count`},
        kept_unread = ${isCounted ? before.keptUnread : unreadCount}
      from streams s
      where t.conversation_id = ${conversationId} and s.id = t.conversation_id
      returning t.conversation_id, t.contact_id, t.is_starred, t.read_ordinal, t.kept_unread`.execute(ctx.db)
    const state = rows[0]!
    ctx.record({ type: 'contact_conversation.updated', streamId: conversationId, workspaceId, data: { state } })
    const { isStarred: starred, readOrdinal, keptUnread } = state
    return { ...before, isStarred: starred, readOrdinal, keptUnread, unreadCount: unreadCount ?? before.unreadCount }
  })
}

function requireCount(count: number): void {
  if (Number.isInteger(count) && count >= 0 && count <= UNREAD_MAX) return
  throw invalidField('unread_count', `must be a whole number from 0 to ${UNREAD_MAX}`)
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Access } from '../conversations/access-cache.ts'
import { listParticipantIds } from '../conversations/mentionable-users.ts'
import type { NotificationType } from '../notifications/schema.ts'
import type { Notice } from './draft.ts'
import { listThreadAuthorIds } from './queries.ts'
import type { Mention } from './schema.ts'

/** Most people whom one message notifies; `@channel` in a larger channel reaches the first of them. */
export const NOTICES_MAX = 5_000

type Reasons = { access: Access; mentions: Mention[]; rootId: string | null }

/** Whom a new message notifies, and why: each person once, for the strongest reason, and never its author. */
export async function decideNotices(ctx: Context<UserActor>, reasons: Reasons): Promise<Notice[]> {
  const { access, mentions, rootId } = reasons
  const types = new Map<string, NotificationType>()
  const add = (userIds: string[], type: NotificationType) => {
    for (const userId of userIds) if (userId !== ctx.actor.id && !types.has(userId)) types.set(userId, type)
  }
  add(await listMentionedIds(ctx, access.conversation.id, mentions), 'mention')
  add(access.otherUserIds, 'direct_message')
  if (rootId !== null)
    add(await listThreadAuthorIds(ctx.db, access.conversation.id, rootId, NOTICES_MAX), 'thread_reply')
  return [...types].slice(0, NOTICES_MAX).map(([recipientUserId, type]) => ({ id: ctx.newId(), recipientUserId, type }))
}

/** The people behind the mentions: `@channel` is everybody in the conversation, `@here` who is online of them. */
export async function listMentionedIds(
  ctx: Context<UserActor>,
  conversationId: string,
  mentions: Mention[],
): Promise<string[]> {
  const named = mentions.flatMap((mention) => (mention.kind === 'user' ? [mention.userId] : []))
  const audience = mentions.some((mention) => mention.kind === 'channel')
    ? 'channel'
    : mentions.some((mention) => mention.kind === 'here')
      ? 'here'
      : null
  if (audience === null) return named
  const participants = await listParticipantIds(ctx.db, conversationId, NOTICES_MAX)
  const reached = audience === 'channel' ? participants : participants.filter((id) => ctx.ports.presence.isOnline(id))
  return [...named, ...reached]
}

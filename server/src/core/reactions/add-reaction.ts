import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { getReadableMessage, requireOpen } from '../messages/policy.ts'
import { findMessage } from '../messages/queries.ts'
import { REACTION_COLUMNS } from './queries.ts'
import { requireReactionContent } from './reaction-content.ts'
import type { Reaction } from './schema.ts'

export const CONTENTS_MAX = 20

export type AddReaction = { messageId: string; content: string }
export type AddedReaction = { reaction: Reaction; isNew: boolean }

/**
 * The caller reacts to a message; the same again answers with the first. Announced to the conversation, and to
 * nobody as a notification.
 */
export async function addReaction(ctx: Context<UserActor>, input: AddReaction): Promise<AddedReaction> {
  const { messageId, content } = input
  requireReactionContent(content)
  const { message: seen, access } = await getReadableMessage(ctx, messageId)
  requireOpen(access)
  const { conversationId, workspaceId } = seen

  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, conversationId)
    const message = (await findMessage(ctx.db, messageId))!
    if (message.deletedAt !== null) throw new AppError('message_deleted', 'message_id')
    const existing = await findOwn(ctx, input)
    if (existing !== undefined) return { reaction: existing, isNew: false }
    // Fewer reactions than that cannot have more different contents.
    if (message.reactionCount >= CONTENTS_MAX) await requireRoom(ctx, input)

    const reaction: Reaction = { id: ctx.newId(), messageId, userId: ctx.actor.id, content, createdAt: ctx.now() }
    await ctx.db.insertInto('reactions').values(reaction).execute()
    await ctx.db
      .updateTable('messages')
      .set(({ eb }) => ({ reactionCount: eb('reactionCount', '+', 1) }))
      .where('id', '=', messageId)
      .execute()
    ctx.record({ type: 'reaction.added', streamId: conversationId, workspaceId, data: { conversationId, reaction } })
    return { reaction, isNew: true }
  })
}

async function findOwn(ctx: Context<UserActor>, { messageId, content }: AddReaction): Promise<Reaction | undefined> {
  return ctx.db
    .selectFrom('reactions')
    .select(REACTION_COLUMNS)
    .where('messageId', '=', messageId)
    .where('userId', '=', ctx.actor.id)
    .where('content', '=', content)
    .executeTakeFirst()
}

async function requireRoom(ctx: Context<UserActor>, { messageId, content }: AddReaction): Promise<void> {
  const contents = await ctx.db
    .selectFrom('reactions')
    .select('content')
    .distinct()
    .where('messageId', '=', messageId)
    .execute()
  const isKnown = contents.some((row) => row.content === content)
  if (!isKnown && contents.length >= CONTENTS_MAX) throw new AppError('too_many_reactions', 'reaction_content')
}

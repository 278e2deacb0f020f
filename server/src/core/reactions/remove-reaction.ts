import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { getReadableMessage } from '../messages/policy.ts'
import { REACTION_COLUMNS } from './queries.ts'
import { requireReactionContent } from './reaction-content.ts'
import type { Reaction } from './schema.ts'

export type RemoveReaction = { messageId: string; reaction: { id: string } | { content: string } }

/**
 * The caller takes a reaction of their own back, by its id or by its content. Announced to the conversation. That of
 * somebody else is as good as missing.
 */
export async function removeReaction(ctx: Context<UserActor>, input: RemoveReaction): Promise<Reaction> {
  const { messageId } = input
  if ('content' in input.reaction) requireReactionContent(input.reaction.content)
  const { conversationId, workspaceId } = (await getReadableMessage(ctx, messageId)).message

  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, conversationId)
    const reaction = await deleteOwn(ctx, input)
    if (reaction === undefined) throw new AppError('reaction_not_found', 'reaction_id')
    await ctx.db
      .updateTable('messages')
      .set(({ eb }) => ({ reactionCount: eb('reactionCount', '-', 1) }))
      .where('id', '=', messageId)
      .execute()
    ctx.record({ type: 'reaction.removed', streamId: conversationId, workspaceId, data: { conversationId, reaction } })
    return reaction
  })
}

async function deleteOwn(
  ctx: Context<UserActor>,
  { messageId, reaction }: RemoveReaction,
): Promise<Reaction | undefined> {
  const query = ctx.db
    .deleteFrom('reactions')
    .where('messageId', '=', messageId)
    .where('userId', '=', ctx.actor.id)
    .returning(REACTION_COLUMNS)
  const chosen = 'id' in reaction ? query.where('id', '=', reaction.id) : query.where('content', '=', reaction.content)
  return chosen.executeTakeFirst()
}

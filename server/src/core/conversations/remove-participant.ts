import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { canManage, holdReadable } from './policy.ts'
import type { Conversation } from './schema.ts'

export type RemoveParticipant = { conversationId: string; userId: string }

/** Takes somebody out of a channel, or the caller leaves it. Announced to the channel and to the person. */
export async function removeParticipant(ctx: Context<UserActor>, input: RemoveParticipant): Promise<void> {
  const { conversationId, userId } = input
  await ctx.transaction(async (ctx) => {
    const access = await holdReadable(ctx, conversationId, async () => [userId])
    const { conversation } = access
    const isSelf = userId === ctx.actor.id
    const mayRemove = conversation.kind === 'channel' && (isSelf || canManage(access, ctx.actor.id))
    if (!mayRemove) throw new AppError('permission_denied')
    const { numDeletedRows } = await ctx.db
      .deleteFrom('participants')
      .where('conversationId', '=', conversationId)
      .where('userId', '=', userId)
      .executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) throw new AppError('participant_not_found', 'user_id')

    const { workspaceId } = conversation
    ctx.record({ type: 'participant.left', streamId: conversationId, workspaceId, data: { conversationId, userId } })
    ctx.record({ type: 'conversation.left', streamId: userId, workspaceId, data: { conversationId } })
    if (!isSelf) await auditRemoval(ctx, conversation, userId)
  })
}

async function auditRemoval(ctx: Context<UserActor>, { id, workspaceId }: Conversation, userId: string) {
  const target = { workspaceId, targetType: 'user', targetId: userId }
  await recordAudit(ctx, { ...target, action: 'participant.remove', before: { conversationId: id }, after: null })
}

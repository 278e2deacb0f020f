import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { auditChannel, holdManaged } from './managed-channel.ts'
import { CONVERSATION_COLUMNS, listAllParticipantIds } from './queries.ts'
import type { ConversationKind } from './schema.ts'

/**
 * Deletes a channel; its rows stay, its name can be used again. Announced to whom it was visible, and to each of its
 * participants, so that those hear of it too who come back later.
 */
export async function deleteChannel(
  ctx: Context<UserActor>,
  { conversationId }: { conversationId: string },
): Promise<void> {
  await ctx.transaction(async (ctx) => {
    const listIds = () => listAllParticipantIds(ctx.db, conversationId)
    const { conversation: before, workspaceId, participantIds } = await holdManaged(ctx, conversationId, listIds)
    const now = ctx.now()
    const conversation = await ctx.db
      .updateTable('conversations')
      .set({ deletedAt: now, updatedAt: now })
      .where('id', '=', conversationId)
      .returning(CONVERSATION_COLUMNS)
      .$narrowType<{ kind: ConversationKind }>()
      .executeTakeFirstOrThrow()
    const streamId = conversation.isPrivate ? conversationId : workspaceId
    ctx.record({ type: 'conversation.deleted', streamId, workspaceId, data: { conversation } })
    for (const streamId of participantIds) {
      ctx.record({ type: 'conversation.left', streamId, workspaceId, data: { conversationId } })
    }
    await auditChannel(ctx, conversation, { action: 'channel.delete', before: { name: before.name }, after: null })
  })
}

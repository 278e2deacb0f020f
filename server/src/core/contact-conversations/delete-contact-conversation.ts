import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { type ConversationKey, holdTended } from './policy.ts'

/**
 * Deletes a conversation, announces and audits it. Its messages stay hidden: who writes next, the contact or the team, begins a
 * new one. What was on its way to the contact still goes.
 */
export async function deleteContactConversation(ctx: Context<UserActor>, key: ConversationKey): Promise<void> {
  await ctx.transaction(async (ctx) => {
    const { conversation: before, contactId } = await holdTended(ctx, key)
    const { conversationId, workspaceId } = key
    const deletedAt = ctx.now()
    await ctx.db
      .updateTable('contactConversations')
      .set({ deletedAt })
      .where('conversationId', '=', conversationId)
      .execute()
    await ctx.db
      .updateTable('conversations')
      .set({ deletedAt, updatedAt: deletedAt })
      .where('id', '=', conversationId)
      .execute()
    const conversation = { ...before, deletedAt, updatedAt: deletedAt }
    ctx.record({ type: 'conversation.deleted', streamId: conversationId, workspaceId, data: { conversation } })
    await recordAudit(ctx, {
      workspaceId,
      action: 'contact_conversation.delete',
      targetType: 'conversation',
      targetId: conversationId,
      before: { contactId },
      after: null,
    })
  })
}

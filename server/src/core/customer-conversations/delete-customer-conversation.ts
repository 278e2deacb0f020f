import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStream } from '../log/append-events.ts'
import { getCustomerConversation } from './get-customer-conversation.ts'

/**
 * Deletes a conversation between contacts, and announces it to them. Its rows stay; the same contacts can have another
 * one of its name.
 */
export async function deleteCustomerConversation(
  ctx: Context<ClientActor>,
  { conversationId }: { conversationId: string },
): Promise<void> {
  await ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, conversationId)
    const before = await getCustomerConversation(ctx, { conversationId })
    const now = ctx.now()
    const conversation = { ...before.conversation, updatedAt: now, deletedAt: now }
    await ctx.db
      .updateTable('conversations')
      .set({ updatedAt: now, deletedAt: now })
      .where('id', '=', conversationId)
      .execute()
    const { workspaceId } = ctx.actor
    ctx.record({ type: 'conversation.deleted', streamId: conversationId, workspaceId, data: { conversation } })
  })
}

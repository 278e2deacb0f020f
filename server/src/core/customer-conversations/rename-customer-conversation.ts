import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStreams } from '../log/append-events.ts'
import { parseName } from '../name.ts'
import { getCustomerConversation } from './get-customer-conversation.ts'
import { findConversationId } from './queries.ts'
import { CONVERSATION_NAME, type CustomerConversation } from './schema.ts'

export type RenameCustomerConversation = { conversationId: string; name: string }

/** Gives a conversation between contacts another name, and announces it to them. A general one keeps its name. */
export async function renameCustomerConversation(
  ctx: Context<ClientActor>,
  input: RenameCustomerConversation,
): Promise<CustomerConversation> {
  const { conversationId } = input
  const name = parseName(input.name, CONVERSATION_NAME)
  const { contacts } = await getCustomerConversation(ctx, { conversationId })
  return ctx.transaction(async (ctx) => {
    // The contacts' heads too: they are what guards the names of their set.
    await lockStreams(ctx.db, [conversationId, ...contacts.map(({ id }) => id)])
    const before = await getCustomerConversation(ctx, { conversationId })
    if (before.conversation.name === name) return before
    if (before.conversation.isGeneral) throw new AppError('general_conversation_fixed', 'name')
    const { workspaceId } = ctx.actor
    const contactIds = contacts.map(({ id }) => id)
    const taken = await findConversationId(ctx.db, { workspaceId, contactIds, name })
    if (taken !== undefined) throw new AppError('conversation_name_taken', { param: 'name', existingId: taken })
    const conversation = { ...before.conversation, name, updatedAt: ctx.now() }
    await ctx.db
      .updateTable('conversations')
      .set({ name, updatedAt: conversation.updatedAt })
      .where('id', '=', conversationId)
      .execute()
    ctx.record({ type: 'conversation.updated', streamId: conversationId, workspaceId, data: { conversation } })
    return { ...before, conversation }
  })
}

import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findCustomerConversations } from './queries.ts'
import type { CustomerConversation } from './schema.ts'

/** A conversation between contacts of the caller's workspace. */
export async function getCustomerConversation(
  ctx: Context<ClientActor>,
  { conversationId }: { conversationId: string },
): Promise<CustomerConversation> {
  const found = await findCustomerConversations(ctx.db, ctx.actor.workspaceId, [conversationId])
  const conversation = found.get(conversationId)
  if (conversation === undefined) throw new AppError('conversation_not_found', 'conversation_id')
  return conversation
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { getReadable } from './policy.ts'
import type { ConversationView } from './schema.ts'
import { getView } from './views.ts'

/** A conversation that the caller can read, as they see it. */
export async function getConversation(
  ctx: Context<UserActor>,
  { conversationId }: { conversationId: string },
): Promise<ConversationView> {
  await getReadable(ctx, conversationId, 'conversation_id')
  return getView(ctx.db, ctx.actor.id, conversationId)
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { findDirectConversation } from '../conversations/find-direct-conversation.ts'
import { openDirectConversation } from '../conversations/open-direct-conversation.ts'
import type { Conversation } from '../conversations/schema.ts'
import { AppError } from '../errors.ts'
import { getAttachments } from '../files/queries.ts'
import { requireContent, type SendMessage } from './send-message.ts'

export type OpenForDirectMessage = { userId: string; message: Omit<SendMessage, 'conversationId'> }

/**
 * The direct conversation that a message goes to. Where it would be the first one, the conversation is opened only
 * if the message can be sent: nobody hears of a conversation that a refused message began.
 */
export async function openForDirectMessage(
  ctx: Context<UserActor>,
  { userId, message }: OpenForDirectMessage,
): Promise<Conversation> {
  const known = await findDirectConversation(ctx, { userId })
  if (known !== undefined) return known
  requireContent(message)
  if (message.parentId) throw new AppError('thread_root_not_found', 'parent_message_id')
  await getAttachments(ctx, message.fileIds ?? [])
  return openDirectConversation(ctx, { userId })
}

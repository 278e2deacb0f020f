import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { getReadableMessage } from './policy.ts'
import type { Message } from './schema.ts'

/** One message of a conversation that the caller can read; a deleted one as its tombstone. */
export async function getMessage(ctx: Context<UserActor>, { messageId }: { messageId: string }): Promise<Message> {
  const { message } = await getReadableMessage(ctx, messageId)
  return message
}

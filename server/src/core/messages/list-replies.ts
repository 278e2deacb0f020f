import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Page } from '../page.ts'
import { cutHistory, readPosition } from './history-cursor.ts'
import type { Order } from './message-history.ts'
import { getReadableMessage } from './policy.ts'
import type { Message } from './schema.ts'

export type ListReplies = {
  messageId: string
  limit: number
  /** From a page before, or a moment. */
  cursor?: string | null
  /** Oldest first unless said. */
  order?: Order
}

/** The replies of a thread's root; a message that is a reply itself has none. */
export async function listReplies(ctx: Context<UserActor>, input: ListReplies): Promise<Page<Message>> {
  const { messageId, limit, cursor, order = 'asc' } = input
  const { conversationId } = (await getReadableMessage(ctx, messageId)).message
  const beyond = cursor ? await readPosition(ctx, { conversationId, cursor, order }) : null
  const messages = await ctx.ports.history.read({ within: { rootId: messageId }, order, beyond, limit: limit + 1 })
  return cutHistory(messages, limit)
}

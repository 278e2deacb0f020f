import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { type ConversationKey, getTended } from './policy.ts'
import { readViews } from './queries.ts'
import type { ContactConversationView } from './schema.ts'

/** A conversation with a contact, as its team sees it. */
export async function getContactConversation(
  ctx: Context<UserActor>,
  key: ConversationKey,
): Promise<ContactConversationView> {
  await getTended(ctx, key)
  const [view] = await readViews(ctx.db, [key.conversationId])
  if (view === undefined) throw new AppError('conversation_not_found', 'conversation_id')
  return view
}

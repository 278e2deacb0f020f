import type { UserActor } from '../actor.ts'
import { requireTeam } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { readContactConversation } from './queries.ts'
import type { ContactConversation } from './schema.ts'

export type ConversationKey = { workspaceId: string; conversationId: string }

/** A conversation with a contact for its team. One of another workspace is as one that there is not. */
export async function getTended(ctx: Context<UserActor>, key: ConversationKey): Promise<ContactConversation> {
  await requireTeam(ctx, key.workspaceId)
  const found = await readContactConversation(ctx.db, key)
  if (found === undefined) throw new AppError('conversation_not_found', 'conversation_id')
  return found
}

/** The same with the conversation's head held: nothing changes in it until the transaction ends. */
export async function holdTended(ctx: Context<UserActor>, key: ConversationKey): Promise<ContactConversation> {
  // Whoever may not is refused before they hold anything up.
  await getTended(ctx, key)
  await lockStream(ctx.db, key.conversationId)
  return getTended(ctx, key)
}

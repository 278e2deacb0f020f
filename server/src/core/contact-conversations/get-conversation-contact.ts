import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { type ConversationKey, getTended } from './policy.ts'

/** Whose conversation it is, for the team of its workspace. */
export async function getConversationContactId(ctx: Context<UserActor>, key: ConversationKey): Promise<string> {
  return (await getTended(ctx, key)).contactId
}

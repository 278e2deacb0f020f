import type { SystemActor, UserActor } from '../actor.ts'
import { canTendContacts } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findMember } from '../workspaces/queries.ts'
import { findContactConversationById } from './queries.ts'
import type { ContactConversation } from './schema.ts'

/**
 * A conversation with a contact, for those who look after the workspace's contacts. Everybody else gets the same answer as
 * for a missing one, so that ids cannot be probed.
 */
export async function getContactConversation(
  { db, actor }: Context<UserActor | SystemActor>,
  conversationId: string,
  param = 'conversation_id',
): Promise<ContactConversation> {
  const found = await findContactConversationById(db, conversationId)
  if (found === undefined) throw new AppError('conversation_not_found', param)
  if (actor.kind === 'system') return found
  const member = await findMember(db, { workspaceId: found.conversation.workspaceId, userId: actor.id })
  if (member === undefined || !canTendContacts(member.role)) throw new AppError('conversation_not_found', param)
  return found
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Access } from '../conversations/access-cache.ts'
import { canRead } from '../conversations/policy.ts'
import { AppError } from '../errors.ts'
import { isAdministrator } from '../workspaces/policy.ts'
import { findMessage } from './queries.ts'
import type { Message } from './schema.ts'

/**
 * A message whose conversation the caller can read, with their standing there. A stranger gets the same answer as
 * for a missing message, so that ids cannot be probed.
 */
export async function getReadableMessage(
  ctx: Context<UserActor>,
  messageId: string,
): Promise<{ message: Message; access: Access }> {
  const message = await findMessage(ctx.db, messageId)
  const access = message && (await ctx.ports.access.find(ctx.actor.id, message.conversationId))
  if (access === undefined || !canRead(access)) throw new AppError('message_not_found', 'message_id')
  return { message: message!, access }
}

/** Refuses where nobody would read what is added, as in a direct conversation whose people no longer share anything. */
export function requireOpen({ isOpen }: Access): void {
  if (!isOpen) throw new AppError('conversation_closed', 'message_id')
}

export function isAuthor(message: Message, userId: string): boolean {
  return message.authorKind === 'user' && message.authorId === userId
}

/** Deletes a message, and sees what it said before: its author, and who administers the workspace. */
export function canModerate(message: Message, { role }: Access, userId: string): boolean {
  return isAuthor(message, userId) || isAdministrator(role)
}

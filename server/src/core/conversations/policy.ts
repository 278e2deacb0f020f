import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Role } from '../workspaces/schema.ts'
import type { Access } from './access-cache.ts'

/** Sees the conversation and its history: its participants, and a public channel's workspace without its guests. */
export function canRead({ conversation, role, isParticipant }: Access): boolean {
  if (conversation.workspaceId === null) return isParticipant
  if (role === null) return false
  return isParticipant || (conversation.kind === 'channel' && !conversation.isPrivate && role !== 'guest')
}

/** Renames and deletes a channel, and removes others from it. */
export function canManage({ conversation, role }: Access, userId: string): boolean {
  return isAdministrator(role) || (role !== null && role !== 'guest' && conversation.createdBy === userId)
}

/** Brings others into a channel. */
export function canInvite({ role, isParticipant }: Access): boolean {
  return isAdministrator(role) || (isParticipant && role !== null && role !== 'guest')
}

export function isAdministrator(role: Role | null): boolean {
  return role === 'owner' || role === 'admin'
}

/**
 * The caller's standing in a conversation that they can read. A stranger gets the same answer as for a missing
 * conversation, so that ids cannot be probed.
 */
export async function getReadable(ctx: Context<UserActor>, conversationId: string, param: string): Promise<Access> {
  const access = await ctx.ports.access.find(ctx.actor.id, conversationId)
  if (access === undefined || !canRead(access)) throw new AppError('conversation_not_found', param)
  return access
}

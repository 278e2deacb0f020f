import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockFoundStreams } from '../log/lock-found-streams.ts'
import { isAdministrator } from '../workspaces/policy.ts'
import type { Access } from './access-cache.ts'
import { loadAccess } from './queries.ts'

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

/**
 * The caller's standing in a conversation that they can read. A stranger gets the same answer as for a missing
 * conversation, so that ids cannot be probed.
 */
export async function getReadable(ctx: Context<UserActor>, conversationId: string, param: string): Promise<Access> {
  const access = await ctx.ports.access.find(ctx.actor.id, conversationId)
  if (access === undefined || !canRead(access)) throw new AppError('conversation_not_found', param)
  return access
}

/** The same, where the caller can write too. */
export async function getWritable(ctx: Context<UserActor>, conversationId: string, param: string): Promise<Access> {
  const access = await getReadable(ctx, conversationId, param)
  if (!access.isOpen) throw new AppError('conversation_closed', param)
  return access
}

/**
 * The caller's standing as it is now, with the head of the conversation held, and those of the streams that `findOthers` names.
 * What is decided by it stays true until the commit, but for the caller's role.
 */
export async function holdReadable(
  ctx: Context<UserActor>,
  conversationId: string,
  findOthers: () => Promise<string[]> = async () => [],
): Promise<Access & { otherIds: string[] }> {
  // Strangers are refused before they hold anything up.
  await readCurrent(ctx, conversationId)
  const [, ...otherIds] = await lockFoundStreams(ctx.db, async () => [conversationId, ...(await findOthers())])
  return { ...(await readCurrent(ctx, conversationId)), otherIds }
}

/**
 * The caller's standing as the transaction sees it. What is remembered must not be asked for inside one: it may have
 * to be read on a second connection, and transactions that wait for one could hold them all.
 */
export async function readCurrent(ctx: Context<UserActor>, conversationId: string): Promise<Access> {
  const access = await loadAccess(ctx.db, ctx.actor.id, conversationId)
  if (access === undefined || !canRead(access)) throw new AppError('conversation_not_found', 'conversation_id')
  return access
}

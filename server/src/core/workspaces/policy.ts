import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockFoundStreams } from '../log/lock-found-streams.ts'
import { findMembership } from './queries.ts'
import type { Membership, Role } from './schema.ts'

/** Changes the workspace's name and domain, its members and its channels. */
export function isAdministrator(role: Role | null): boolean {
  return role === 'owner' || role === 'admin'
}

export function canDeleteWorkspace(role: Role): boolean {
  return role === 'owner'
}

/** Sees who else is in the workspace; a guest sees the people of its own conversations only. */
export function canListMembers(role: Role): boolean {
  return role !== 'guest'
}

export function canCreateChannel(role: Role): boolean {
  return role !== 'guest'
}

/** Makes somebody a member with this role. */
export function canAddMember(actor: Role, added: Role): boolean {
  return actor === 'owner' || (actor === 'admin' && added !== 'owner')
}

/** Gives a member another role: only an owner makes owners, and unmakes them. */
export function canChangeRole(actor: Role, { from, to }: { from: Role; to: Role }): boolean {
  return actor === 'owner' || (actor === 'admin' && from !== 'owner' && to !== 'owner')
}

/** Removes somebody else. */
export function canRemoveMember(actor: Role, removed: Role): boolean {
  return actor === 'owner' || (actor === 'admin' && removed !== 'owner')
}

/**
 * The caller's place in a workspace. A stranger gets the same answer as for a missing workspace, so that ids cannot
 * be probed.
 */
export async function getMembership(ctx: Context<UserActor>, workspaceId: string): Promise<Membership> {
  const membership = await findMembership(ctx.db, { workspaceId, userId: ctx.actor.id })
  if (membership === undefined) throw new AppError('workspace_not_found', 'workspace_id')
  return membership
}

/**
 * The same, with the head of the workspace held, and those of the streams that `findOthers` names: what is decided
 * by it stays true until the commit, because whoever changes a workspace or its members holds its head.
 */
export async function holdMembership(
  ctx: Context<UserActor>,
  workspaceId: string,
  findOthers: () => Promise<string[]> = async () => [],
): Promise<Membership & { otherIds: string[] }> {
  // Strangers are refused before they hold anything up.
  await getMembership(ctx, workspaceId)
  const [, ...otherIds] = await lockFoundStreams(ctx.db, async () => [workspaceId, ...(await findOthers())])
  return { ...(await getMembership(ctx, workspaceId)), otherIds }
}

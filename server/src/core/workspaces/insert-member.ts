import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { findPublicUsers } from '../users/public-users.ts'
import { MEMBER_COLUMNS } from './queries.ts'
import type { Member, Role, Workspace } from './schema.ts'

type NewMember = { workspace: Workspace; userId: string; role: Role }

/**
 * Makes somebody a member; undefined where they are one already. Announced to the workspace and to themselves. The
 * caller holds the heads of both.
 */
export async function insertMember(
  ctx: Context<UserActor>,
  { workspace, userId, role }: NewMember,
): Promise<Member | undefined> {
  const now = ctx.now()
  const member = await ctx.db
    .insertInto('members')
    .values({ workspaceId: workspace.id, userId, role, joinedAt: now, updatedAt: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning(MEMBER_COLUMNS)
    .$narrowType<{ role: Role }>()
    .executeTakeFirst()
  if (member === undefined) return undefined
  const user = (await findPublicUsers(ctx.db, [userId])).get(userId)!
  const workspaceId = workspace.id
  ctx.record({ type: 'workspace.joined', streamId: userId, workspaceId, data: { workspace, member } })
  ctx.record({ type: 'member.joined', streamId: workspaceId, workspaceId, data: { member, user } })
  return member
}

import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findPublicUsers } from '../users/public-users.ts'
import { canChangeRole, holdMembership, isAdministrator } from './policy.ts'
import { countOwners, findMember, MEMBER_COLUMNS } from './queries.ts'
import type { Member, MemberProfile, Role } from './schema.ts'

export type UpdateMember = { workspaceId: string; userId: string; role: Role }

/** Gives a member another role; the last owner keeps theirs. Announced to the workspace. */
export async function updateMember(ctx: Context<UserActor>, input: UpdateMember): Promise<MemberProfile> {
  const { workspaceId, userId, role } = input
  return ctx.transaction(async (ctx) => {
    const { member: caller } = await holdMembership(ctx, workspaceId)
    if (!isAdministrator(caller.role)) throw new AppError('permission_denied')
    const before = await findMember(ctx.db, { workspaceId, userId })
    if (before === undefined) throw new AppError('member_not_found', 'user_id')
    if (!canChangeRole(caller.role, { from: before.role, to: role })) throw new AppError('permission_denied', 'role')
    const user = (await findPublicUsers(ctx.db, [userId])).get(userId)!
    if (before.role === role) return { member: before, user }
    await requireOtherOwner(ctx, before)

    const member = await setRole(ctx, input)
    ctx.record({ type: 'member.updated', streamId: workspaceId, workspaceId, data: { member } })
    await recordAudit(ctx, {
      workspaceId,
      action: 'member.update',
      targetType: 'user',
      targetId: userId,
      before: { role: before.role },
      after: { role },
    })
    return { member, user }
  })
}

/** Refuses to lose the last owner. The caller holds the workspace's head, so two owners cannot go at once. */
export async function requireOtherOwner(ctx: Context<UserActor>, { workspaceId, role }: Member): Promise<void> {
  if (role === 'owner' && (await countOwners(ctx.db, workspaceId)) === 1) throw new AppError('last_owner', 'user_id')
}

async function setRole(ctx: Context<UserActor>, { workspaceId, userId, role }: UpdateMember): Promise<Member> {
  return ctx.db
    .updateTable('members')
    .set({ role, updatedAt: ctx.now() })
    .where('workspaceId', '=', workspaceId)
    .where('userId', '=', userId)
    .returning(MEMBER_COLUMNS)
    .$narrowType<{ role: Role }>()
    .executeTakeFirstOrThrow()
}

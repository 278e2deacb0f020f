import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { notifyUsers } from '../notifications/notify.ts'
import { findPublicUsers } from '../users/public-users.ts'
import { insertMember } from './insert-member.ts'
import { getInvitedUserId, type Invited } from './invited-user.ts'
import { canAddMember, getMembership, holdMembership } from './policy.ts'
import type { MemberProfile, Role } from './schema.ts'

export type AddMember = Invited & { workspaceId: string; role?: Role }

/**
 * Makes somebody who has an account a member. Announced to the workspace and to the person, who is notified. What
 * the caller may not do is refused before anybody is looked up, so that it tells nothing of who has an account.
 */
export async function addMember(ctx: Context<UserActor>, input: AddMember): Promise<MemberProfile> {
  const { workspaceId, role = 'member', ...invited } = input
  requireMayAdd((await getMembership(ctx, workspaceId)).member.role, role)
  const userId = await getInvitedUserId(ctx.db, invited)
  return ctx.transaction(async (ctx) => {
    const { workspace, member: caller } = await holdMembership(ctx, workspaceId, async () => [userId])
    requireMayAdd(caller.role, role)
    const member = await insertMember(ctx, { workspace, userId, role })
    if (member === undefined) throw new AppError('already_member', 'user_id')

    const target = { targetType: 'workspace', targetId: workspaceId, workspaceId } as const
    await notifyUsers(ctx, { ...target, type: 'workspace_invite', conversationId: null, recipientIds: [userId] })
    await recordAudit(ctx, {
      workspaceId,
      action: 'member.add',
      targetType: 'user',
      targetId: userId,
      before: null,
      after: { role },
    })
    return { member, user: (await findPublicUsers(ctx.db, [userId])).get(userId)! }
  })
}

function requireMayAdd(actor: Role, added: Role): void {
  if (!canAddMember(actor, added)) throw new AppError('permission_denied')
}

import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { canRemoveMember, holdMembership, isAdministrator } from './policy.ts'
import { findMember } from './queries.ts'
import type { Role } from './schema.ts'
import { requireOtherOwner } from './update-member.ts'

export type RemoveMember = { workspaceId: string; userId: string }

/**
 * Takes somebody, or the caller, out of a workspace and all its channels; the last owner stays. Announced to the
 * workspace, to each of those channels, and to the person.
 */
export async function removeMember(ctx: Context<UserActor>, input: RemoveMember): Promise<void> {
  const { workspaceId, userId } = input
  await ctx.transaction(async (ctx) => {
    const findOthers = async () => [userId, ...(await listConversationIds(ctx, input))]
    const { member: caller } = await holdMembership(ctx, workspaceId, findOthers)
    const isSelf = userId === ctx.actor.id
    if (!isSelf && !isAdministrator(caller.role)) throw new AppError('permission_denied')
    const member = await findMember(ctx.db, input)
    if (member === undefined) throw new AppError('member_not_found', 'user_id')
    if (!isSelf && !canRemoveMember(caller.role, member.role)) throw new AppError('permission_denied')
    await requireOtherOwner(ctx, member)

    await leaveConversations(ctx, input)
    await ctx.db.deleteFrom('members').where('workspaceId', '=', workspaceId).where('userId', '=', userId).execute()
    ctx.record({ type: 'member.left', streamId: workspaceId, workspaceId, data: { workspaceId, userId } })
    ctx.record({ type: 'workspace.left', streamId: userId, workspaceId, data: { workspaceId } })
    await auditRemoval(ctx, input, member.role)
  })
}

async function listConversationIds(ctx: Context<UserActor>, { workspaceId, userId }: RemoveMember): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('participants as p')
    .innerJoin('conversations as c', 'c.id', 'p.conversationId')
    .select('p.conversationId')
    .where('p.userId', '=', userId)
    .where('c.workspaceId', '=', workspaceId)
    .execute()
  return rows.map(({ conversationId }) => conversationId)
}

async function leaveConversations(ctx: Context<UserActor>, { workspaceId, userId }: RemoveMember): Promise<void> {
  const left = await ctx.db
    .deleteFrom('participants')
    .where('userId', '=', userId)
    .where('conversationId', 'in', ({ selectFrom }) =>
      selectFrom('conversations').select('id').where('workspaceId', '=', workspaceId),
    )
    .returning('conversationId')
    .execute()
  for (const { conversationId } of left) {
    const data = { conversationId, userId }
    ctx.record({ type: 'participant.left', streamId: conversationId, workspaceId, data })
    ctx.record({ type: 'conversation.left', streamId: userId, workspaceId, data: { conversationId } })
  }
}

async function auditRemoval(ctx: Context<UserActor>, { workspaceId, userId }: RemoveMember, role: Role) {
  const target = { workspaceId, targetType: 'user', targetId: userId }
  await recordAudit(ctx, { ...target, action: 'member.remove', before: { role }, after: null })
}

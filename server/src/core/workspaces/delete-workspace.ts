import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { CONVERSATION_COLUMNS } from '../conversations/queries.ts'
import type { Conversation, ConversationKind } from '../conversations/schema.ts'
import { AppError } from '../errors.ts'
import { canDeleteWorkspace, holdMembership } from './policy.ts'
import { listMemberIds, WORKSPACE_COLUMNS } from './queries.ts'

/**
 * Deletes a workspace with its channels; the rows stay, its domain and their names can be used again. Announced to
 * the workspace, and to each member, so that those hear of it too who come back later.
 */
export async function deleteWorkspace(ctx: Context<UserActor>, { workspaceId }: { workspaceId: string }) {
  await ctx.transaction(async (ctx) => {
    const findOthers = async () => [
      ...(await listConversationIds(ctx, workspaceId)),
      ...(await listMemberIds(ctx.db, workspaceId)),
    ]
    const { member } = await holdMembership(ctx, workspaceId, findOthers)
    if (!canDeleteWorkspace(member.role)) throw new AppError('permission_denied')

    await deleteConversations(ctx, workspaceId)
    const now = ctx.now()
    const workspace = await ctx.db
      .updateTable('workspaces')
      .set({ deletedAt: now, updatedAt: now })
      .where('id', '=', workspaceId)
      .returning(WORKSPACE_COLUMNS)
      .executeTakeFirstOrThrow()
    ctx.record({ type: 'workspace.deleted', streamId: workspaceId, workspaceId, data: { workspace } })
    for (const streamId of await listMemberIds(ctx.db, workspaceId)) {
      ctx.record({ type: 'workspace.left', streamId, workspaceId, data: { workspaceId } })
    }
    const target = { workspaceId, targetType: 'workspace', targetId: workspaceId }
    const before = { name: workspace.name, domain: workspace.domain }
    await recordAudit(ctx, { ...target, action: 'workspace.delete', before, after: null })
  })
}

async function deleteConversations(ctx: Context<UserActor>, workspaceId: string): Promise<void> {
  const now = ctx.now()
  const conversations: Conversation[] = await ctx.db
    .updateTable('conversations')
    .set({ deletedAt: now, updatedAt: now })
    .where('workspaceId', '=', workspaceId)
    .where('deletedAt', 'is', null)
    .returning(CONVERSATION_COLUMNS)
    .$narrowType<{ kind: ConversationKind }>()
    .execute()
  for (const conversation of conversations) {
    const streamId = conversation.isPrivate ? conversation.id : workspaceId
    ctx.record({ type: 'conversation.deleted', streamId, workspaceId, data: { conversation } })
  }
}

async function listConversationIds(ctx: Context<UserActor>, workspaceId: string): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('conversations')
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('deletedAt', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}

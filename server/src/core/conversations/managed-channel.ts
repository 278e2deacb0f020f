import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Access } from './access-cache.ts'
import { canManage, holdReadable, readCurrent } from './policy.ts'
import type { Conversation } from './schema.ts'

/** A channel that the caller manages, with its head held, its workspace's, and those of some of its participants. */
export async function holdManaged(
  ctx: Context<UserActor>,
  conversationId: string,
  findParticipantIds: () => Promise<string[]>,
): Promise<{ conversation: Conversation; workspaceId: string; participantIds: string[] }> {
  const { workspaceId } = requireManaged(ctx, await readCurrent(ctx, conversationId))
  const findOthers = async () => [workspaceId, ...(await findParticipantIds())]
  const { otherIds, ...access } = await holdReadable(ctx, conversationId, findOthers)
  return { ...requireManaged(ctx, access), participantIds: otherIds.slice(1) }
}

function requireManaged(ctx: Context<UserActor>, access: Access): { conversation: Conversation; workspaceId: string } {
  const { conversation } = access
  const { workspaceId } = conversation
  if (workspaceId === null || !canManage(access, ctx.actor.id)) throw new AppError('permission_denied')
  return { conversation, workspaceId }
}

export async function auditChannel(
  ctx: Context<UserActor>,
  { id, workspaceId }: Conversation,
  change: { action: string; before: Record<string, unknown>; after: Record<string, unknown> | null },
): Promise<void> {
  await recordAudit(ctx, { ...change, workspaceId, targetType: 'conversation', targetId: id })
}

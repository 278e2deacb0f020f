import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { notifyUsers } from '../notifications/notify.ts'
import { findPublicUsers } from '../users/public-users.ts'
import { findMember } from '../workspaces/queries.ts'
import { admitParticipant } from './admit-participant.ts'
import { canInvite, holdReadable } from './policy.ts'
import type { Conversation, ParticipantProfile } from './schema.ts'

export type AddParticipant = {
  conversationId: string
  /** Missing: the caller, into a public channel. */
  userId?: string | null
}

/**
 * Brings a member of the workspace into a channel, who is notified; or the caller comes into a public one. Announced
 * to the channel and to the person.
 */
export async function addParticipant(ctx: Context<UserActor>, input: AddParticipant): Promise<ParticipantProfile> {
  const { conversationId } = input
  const userId = input.userId ?? ctx.actor.id
  return ctx.transaction(async (ctx) => {
    const access = await holdReadable(ctx, conversationId, async () => [userId])
    const { conversation } = access
    // Who can read a channel without being in it may come in; what is no channel has its people from the beginning.
    const mayAdd = conversation.kind === 'channel' && (userId === ctx.actor.id || canInvite(access))
    if (!mayAdd) throw new AppError('permission_denied')
    await requireMember(ctx, conversation, userId)
    const { participant, isNew } = await admitParticipant(ctx, { conversation, userId })
    if (!isNew) throw new AppError('already_participant', 'user_id')

    await notifyUsers(ctx, {
      type: 'channel_invite',
      targetType: 'conversation',
      targetId: conversationId,
      workspaceId: conversation.workspaceId,
      conversationId,
      recipientIds: [userId],
    })
    return { participant, user: (await findPublicUsers(ctx.db, [userId])).get(userId)! }
  })
}

async function requireMember(ctx: Context<UserActor>, { workspaceId }: Conversation, userId: string): Promise<void> {
  const member = workspaceId && (await findMember(ctx.db, { workspaceId, userId }))
  if (!member) throw new AppError('not_a_workspace_member', 'user_id')
}

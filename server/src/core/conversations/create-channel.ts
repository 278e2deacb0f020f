import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { createStream } from '../log/append-events.ts'
import { notifyUsers } from '../notifications/notify.ts'
import { canCreateChannel, holdMembership } from '../workspaces/policy.ts'
import { findMemberIds } from '../workspaces/queries.ts'
import { admitParticipant } from './admit-participant.ts'
import { parseChannelName, parseDescription, refuseTakenName } from './channel-fields.ts'
import { CONVERSATION_COLUMNS } from './queries.ts'
import type { Conversation, ConversationKind, ConversationView } from './schema.ts'

export type CreateChannel = {
  workspaceId: string
  name: string
  description?: string | null
  isPrivate?: boolean
  /** Members of the workspace who are in it from the beginning, beside the caller. */
  memberIds?: string[]
}

type ChannelFields = Pick<Conversation, 'name' | 'description' | 'isPrivate'>

/**
 * Makes a channel with the caller and some members in it, who are notified. A public one is announced to the
 * workspace, and each to its participants.
 */
export async function createChannel(ctx: Context<UserActor>, input: CreateChannel): Promise<ConversationView> {
  const { workspaceId, isPrivate = false } = input
  const fields = {
    name: parseChannelName(input.name),
    description: parseDescription(input.description ?? null),
    isPrivate,
  }
  const invitedIds = [...new Set(input.memberIds)].filter((id) => id !== ctx.actor.id)
  const created = ctx.transaction(async (ctx) => {
    const { member } = await holdMembership(ctx, workspaceId, async () => [ctx.actor.id, ...invitedIds])
    if (!canCreateChannel(member.role)) throw new AppError('permission_denied')
    await requireMembers(ctx, { workspaceId, memberIds: input.memberIds ?? [] })

    const conversation = await insertChannel(ctx, workspaceId, fields)
    if (!isPrivate) {
      ctx.record({ type: 'conversation.created', streamId: workspaceId, workspaceId, data: { conversation } })
    }
    for (const userId of [ctx.actor.id, ...invitedIds]) await admitParticipant(ctx, { conversation, userId })
    const target = { targetType: 'conversation', targetId: conversation.id, workspaceId } as const
    const conversationId = conversation.id
    await notifyUsers(ctx, { ...target, type: 'channel_invite', conversationId, recipientIds: invitedIds })
    return { ...conversation, isParticipant: true, unreadCount: 0, lastMessageAt: null }
  })
  return refuseTakenName(created)
}

async function requireMembers(
  ctx: Context<UserActor>,
  { workspaceId, memberIds }: { workspaceId: string; memberIds: string[] },
): Promise<void> {
  const known = await findMemberIds(ctx.db, workspaceId, memberIds)
  const stranger = memberIds.findIndex((id) => !known.has(id))
  if (stranger !== -1) throw new AppError('not_a_workspace_member', `member_ids.${stranger}`)
}

async function insertChannel(
  ctx: Context<UserActor>,
  workspaceId: string,
  fields: ChannelFields,
): Promise<Conversation> {
  const id = ctx.newId()
  const now = ctx.now()
  await createStream(ctx.db, id, 'conversation')
  return ctx.db
    .insertInto('conversations')
    .values({ ...fields, id, workspaceId, kind: 'channel', createdBy: ctx.actor.id, createdAt: now, updatedAt: now })
    .returning(CONVERSATION_COLUMNS)
    .$narrowType<{ kind: ConversationKind }>()
    .executeTakeFirstOrThrow()
}

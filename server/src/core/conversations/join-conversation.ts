import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { getReadable } from './policy.ts'
import { insertParticipant } from './queries.ts'
import type { Participant } from './schema.ts'

export type JoinConversation = { conversationId: string }

/**
 * The caller comes into a public channel of their workspace. Announced to the channel and to the caller's own
 * devices; nothing happens where they are in it already.
 */
export async function joinConversation(
  ctx: Context<UserActor>,
  { conversationId }: JoinConversation,
): Promise<Participant> {
  const { conversation } = await getReadable(ctx, conversationId, 'conversation_id')
  return ctx.transaction(async (ctx) => {
    const { participant, isNew } = await insertParticipant(ctx.db, {
      conversationId,
      userId: ctx.actor.id,
      joinedAt: ctx.now(),
    })
    if (!isNew) return participant
    const { workspaceId } = conversation
    ctx.record({ type: 'participant.joined', streamId: conversationId, workspaceId, data: { participant } })
    const data = { conversation, participant }
    ctx.record({ type: 'conversation.joined', streamId: ctx.actor.id, workspaceId, data })
    return participant
  })
}

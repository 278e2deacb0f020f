import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { insertParticipant } from './queries.ts'
import type { Conversation, Participant } from './schema.ts'

/**
 * Lets somebody into a conversation, unless they are in it. Announced to the conversation and to the person. The
 * caller holds the heads of both: whoever puts a person in or out holds that person's head, so that nobody is let
 * into a channel of a workspace that they are leaving.
 */
export async function admitParticipant(
  ctx: Context<UserActor>,
  { conversation, userId }: { conversation: Conversation; userId: string },
): Promise<{ participant: Participant; isNew: boolean }> {
  const { id: conversationId, workspaceId } = conversation
  const admitted = await insertParticipant(ctx.db, { conversationId, userId, joinedAt: ctx.now() })
  if (!admitted.isNew) return admitted
  const { participant } = admitted
  ctx.record({ type: 'participant.joined', streamId: conversationId, workspaceId, data: { participant } })
  ctx.record({ type: 'conversation.joined', streamId: userId, workspaceId, data: { conversation, participant } })
  return admitted
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { admitParticipant } from './admit-participant.ts'
import { holdReadable } from './policy.ts'
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
  return ctx.transaction(async (ctx) => {
    const { conversation } = await holdReadable(ctx, conversationId, async () => [ctx.actor.id])
    const { participant } = await admitParticipant(ctx, { conversation, userId: ctx.actor.id })
    return participant
  })
}

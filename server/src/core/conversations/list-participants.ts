import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { readIdCursor } from '../id-cursor.ts'
import { cutPage, type Page } from '../page.ts'
import { findPublicUsers } from '../users/public-users.ts'
import { getReadable } from './policy.ts'
import type { ParticipantProfile } from './schema.ts'

export type ListParticipants = { conversationId: string; limit: number; cursor?: string | null }

/** Who is in a conversation, in the order in which they made their accounts. */
export async function listParticipants(
  ctx: Context<UserActor>,
  { conversationId, limit, cursor }: ListParticipants,
): Promise<Page<ParticipantProfile>> {
  await getReadable(ctx, conversationId, 'conversation_id')
  const after = readIdCursor(cursor)
  const participants = await ctx.db
    .selectFrom('participants')
    .select(['conversationId', 'userId', 'joinedAt'])
    .where('conversationId', '=', conversationId)
    .$if(after !== undefined, (query) => query.where('userId', '>', after!))
    .orderBy('userId')
    .limit(limit + 1)
    .execute()
  const { rows, nextCursor } = cutPage(participants, limit, ({ userId }) => [userId])
  const users = await findPublicUsers(
    ctx.db,
    rows.map(({ userId }) => userId),
  )
  return { rows: rows.map((participant) => ({ participant, user: users.get(participant.userId)! })), nextCursor }
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { createStream, lockStreams } from '../log/append-events.ts'
import { admitParticipant } from './admit-participant.ts'
import { directKey, findByKey, findDirectConversation } from './find-direct-conversation.ts'
import { CONVERSATION_COLUMNS } from './queries.ts'
import type { Conversation, ConversationKind } from './schema.ts'

/**
 * The caller's one direct conversation with somebody they share a workspace with, made where there is none; with
 * themselves it is a notebook. A new one is announced to both.
 */
export async function openDirectConversation(
  ctx: Context<UserActor>,
  { userId }: { userId: string },
): Promise<Conversation> {
  const known = await findDirectConversation(ctx, { userId })
  if (known !== undefined) return known
  const key = directKey(ctx.actor.id, userId)
  return ctx.transaction(async (ctx) => {
    // Of two who open it at once, one waits here and then finds the other's.
    await lockStreams(ctx.db, [ctx.actor.id, userId])
    const existing = await findByKey(ctx.db, key)
    if (existing !== undefined) return existing
    const conversation = await insertDirect(ctx, key)
    for (const participantId of new Set([ctx.actor.id, userId])) {
      await admitParticipant(ctx, { conversation, userId: participantId })
    }
    return conversation
  })
}

async function insertDirect(ctx: Context<UserActor>, key: string): Promise<Conversation> {
  const id = ctx.newId()
  const now = ctx.now()
  await createStream(ctx.db, id, 'conversation')
  return ctx.db
    .insertInto('conversations')
    .values({
      id,
      kind: 'direct',
      directKey: key,
      isPrivate: true,
      createdBy: ctx.actor.id,
      createdAt: now,
      updatedAt: now,
    })
    .returning(CONVERSATION_COLUMNS)
    .$narrowType<{ kind: ConversationKind }>()
    .executeTakeFirstOrThrow()
}

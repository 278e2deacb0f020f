import type { Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Message } from './schema.ts'

/** Keeps what a message says until it is edited or deleted, at that moment. */
export async function keepRevision(
  ctx: Context<UserActor>,
  { id, revision, body, mentions }: Message,
  replacedAt: Timestamp,
): Promise<void> {
  await ctx.db
    .insertInto('messageRevisions')
    .values({
      messageId: id,
      revision,
      body,
      mentions: JSON.stringify(mentions),
      replacedAt,
      replacedBy: ctx.actor.id,
    })
    .execute()
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Message } from './schema.ts'

/** Keeps what a message says now, before it is edited or deleted. */
export async function keepRevision(ctx: Context<UserActor>, { id, revision, body, mentions }: Message): Promise<void> {
  await ctx.db
    .insertInto('messageRevisions')
    .values({
      messageId: id,
      revision,
      body,
      mentions: JSON.stringify(mentions),
      replacedAt: ctx.now(),
      replacedBy: ctx.actor.id,
    })
    .execute()
}

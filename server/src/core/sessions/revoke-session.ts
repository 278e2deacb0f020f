import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { lockStream } from '../log/append-events.ts'
import { endSessions } from './end-sessions.ts'

/** Signs the caller out of the session that they call from. Announced to the person; twice is the same as once. */
export async function revokeSession(ctx: Context<UserActor>): Promise<void> {
  const { id: userId, sessionId } = ctx.actor
  await ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, userId)
    await endSessions(ctx, { userId, only: sessionId })
  })
}

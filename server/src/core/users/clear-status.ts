import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeUser, holdStreamsOf } from './change-user.ts'
import { findUser } from './queries.ts'
import type { User } from './schema.ts'

/** Back to what the caller's open sockets say. Announced to them and their workspaces, unless it is so already. */
export async function clearStatus(ctx: Context<UserActor>): Promise<void> {
  const userId = ctx.actor.id
  await ctx.transaction(async (ctx) => {
    const streamIds = await holdStreamsOf(ctx, userId)
    const user = await findUser(ctx.db, userId)
    if (user === undefined) throw new AppError('user_not_found')
    if (!hasStatus(user)) return
    const change = { status: null, statusText: null, statusExpiresAt: null }
    await changeUser(ctx, { userId, change, streamIds })
  })
}

function hasStatus({ status, statusText, statusExpiresAt }: User): boolean {
  return status !== null || statusText !== null || statusExpiresAt !== null
}

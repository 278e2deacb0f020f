import type { Timestamp } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { changeUser, holdStreamsOf } from './change-user.ts'
import { findUser } from './queries.ts'

/** Has the status cleared when its time comes. A later call for the same person replaces an earlier one. */
export async function scheduleExpiry(ctx: Context, { userId, at }: { userId: string; at: Timestamp }): Promise<void> {
  await ctx.enqueue({ task: 'expire_status', payload: { userId }, key: `expire_status ${userId}`, runAt: at })
}

/** Clears a status whose time has passed. Announced to the person and to their workspaces. */
export async function expireStatus(ctx: Context<SystemActor>, { userId }: { userId: string }): Promise<void> {
  await ctx.transaction(async (ctx) => {
    const streamIds = await holdStreamsOf(ctx, userId)
    const user = await findUser(ctx.db, userId)
    // Another status without an end may have come meanwhile: its job is still that of the one before.
    if (!user?.statusExpiresAt) return
    // The queue goes by the clock of the database, which may be ahead of ours.
    if (user.statusExpiresAt > ctx.now()) return scheduleExpiry(ctx, { userId, at: user.statusExpiresAt })
    const change = { status: null, statusText: null, statusExpiresAt: null }
    await changeUser(ctx, { userId, change, streamIds })
  })
}

import type { Context } from '../context.ts'
import { lockFoundStreams } from '../log/lock-found-streams.ts'
import { listWorkspaceIdsOf, USER_COLUMNS } from './queries.ts'
import type { User, UserStatus } from './schema.ts'

/** Takes the heads of all streams in which a change of somebody is announced: their own first, then their workspaces'. */
export async function holdStreamsOf(ctx: Context, userId: string): Promise<string[]> {
  return lockFoundStreams(ctx.db, async () => [userId, ...(await listWorkspaceIdsOf(ctx.db, userId))])
}

export type ProfileChange = Partial<
  Pick<User, 'username' | 'email' | 'name' | 'status' | 'statusText' | 'statusExpiresAt'>
>

/** Changes what others or the person see of somebody. Announced to the streams, whose heads the caller holds. */
export async function changeUser(
  ctx: Context,
  { userId, change, streamIds }: { userId: string; change: ProfileChange; streamIds: string[] },
): Promise<User> {
  const changed = await ctx.db
    .updateTable('users')
    .set({ ...change, updatedAt: ctx.now() })
    .where('id', '=', userId)
    .returning(USER_COLUMNS)
    .$narrowType<{ status: UserStatus | null }>()
    .executeTakeFirstOrThrow()
  const { email: _, ...user } = changed
  for (const streamId of streamIds) {
    const workspaceId = streamId === userId ? null : streamId
    ctx.record({ type: 'user.updated', streamId, workspaceId, data: { user } })
  }
  return changed
}

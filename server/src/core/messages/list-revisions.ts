import type { Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { cutPage, decodeCursor, type Page } from '../page.ts'
import { canModerate, getReadableMessage } from './policy.ts'

/** What a message said before it was edited or deleted. */
export type Revision = { revision: number; body: string; replacedAt: Timestamp; replacedBy: string }

// The column's: beyond it PostgreSQL refuses the query.
const REVISION_MAX = 2_147_483_647

export type ListRevisions = { messageId: string; limit: number; cursor?: string | null }

/**
 * What a message said before, newest first: for its author and for who administers the workspace. Other readers do
 * not see it, because people edit and delete messages to take back what they should not have said.
 */
export async function listRevisions(ctx: Context<UserActor>, input: ListRevisions): Promise<Page<Revision>> {
  const { messageId, limit, cursor } = input
  const { message, access } = await getReadableMessage(ctx, messageId)
  if (!canModerate(message, access, ctx.actor.id)) throw new AppError('permission_denied', 'message_id')
  const [before] = cursor ? decodeCursor<[number]>(cursor, isKey) : []
  const rows = await ctx.db
    .selectFrom('messageRevisions')
    .select(['revision', 'body', 'replacedAt', 'replacedBy'])
    .where('messageId', '=', messageId)
    .$if(before !== undefined, (query) => query.where('revision', '<', before!))
    .orderBy('revision', 'desc')
    .limit(limit + 1)
    .execute()
  return cutPage(rows, limit, ({ revision }) => [revision])
}

function isKey(key: unknown[]): boolean {
  const [revision] = key
  return key.length === 1 && Number.isInteger(revision) && Math.abs(Number(revision)) <= REVISION_MAX
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { getReadableMessage } from '../messages/policy.ts'
import { cutPage, decodeCursor, type Page } from '../page.ts'
import { isTimestamp } from '../parse-moment.ts'
import { isUuid } from '../uuid.ts'
import { REACTION_COLUMNS } from './queries.ts'
import type { Reaction } from './schema.ts'

export type ListReactions = { messageId: string; limit: number; cursor?: string | null }

/** The reactions to a message, oldest first. */
export async function listReactions(ctx: Context<UserActor>, input: ListReactions): Promise<Page<Reaction>> {
  const { messageId, limit, cursor } = input
  await getReadableMessage(ctx, messageId)
  const after = cursor ? decodeCursor<[string, string]>(cursor, isKey) : undefined
  const rows = await ctx.db
    .selectFrom('reactions')
    .select(REACTION_COLUMNS)
    .where('messageId', '=', messageId)
    .$if(after !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => eb(refTuple('createdAt', 'id'), '>', tuple(...after!))),
    )
    .orderBy('createdAt')
    .orderBy('id')
    .limit(limit + 1)
    .execute()
  return cutPage(rows, limit, ({ createdAt, id }) => [createdAt, id])
}

function isKey(key: unknown[]): boolean {
  const [createdAt, id] = key
  return key.length === 2 && isTimestamp(createdAt) && isUuid(id)
}

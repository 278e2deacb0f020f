import { type RawBuilder, sql } from 'kysely'
import { isCanceled } from '../../platform/database/errors.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { MESSAGE_COLUMNS } from '../messages/queries.ts'
import type { Message } from '../messages/schema.ts'
import { cutPage, decodeCursor, type Page } from '../page.ts'
import { isTimestamp } from '../parse-moment.ts'
import { isUuid } from '../uuid.ts'
import { getMembership } from '../workspaces/policy.ts'
import { buildCondition } from './build-condition.ts'
import { listSearchableIds } from './list-searchable-ids.ts'
import { parseQuery, type SearchQuery } from './parse-query.ts'

export type SearchMessages = {
  /** As people type it: see parse-query.ts. */
  query: string
  /** Only the channels of this workspace; else all that the caller can read, direct conversations too. */
  workspaceId?: string | null
  limit: number
  cursor?: string | null
}

/** How long a search waits for the index to hold what was sent just before it. */
const CATCH_UP_MS = 500
const STATEMENT_MS = 5_000

/** Messages that match a query, newest first, from the conversations that the caller can read. */
export async function searchMessages(ctx: Context<UserActor>, input: SearchMessages): Promise<Page<Message>> {
  const { query: text, workspaceId = null, limit, cursor } = input
  const query = parseQuery(text, ctx.now())
  const condition = buildCondition(query)
  if (condition === '' && !hasFilter(query)) throw invalidField('q', 'has nothing to look for')
  const before = cursor ? decodeCursor<[string, string]>(cursor, isKey) : undefined
  if (workspaceId !== null) await getMembership(ctx, workspaceId)
  const conversationIds = await listSearchableIds(ctx, { workspaceId, places: query.in })
  const authorIds = query.from.length === 0 ? null : await findAuthorIds(ctx, query.from)
  if (conversationIds.length === 0 || authorIds?.length === 0) return { rows: [], nextCursor: null }

  await ctx.ports.search.caughtUp(CATCH_UP_MS)
  const messages = await readMatches(ctx, {
    filters: [
      sql`s.conversation_id = any(${conversationIds}::uuid[])`,
      ...(condition === '' ? [] : [sql`s.document @@ ${condition}::tsquery`]),
      ...(authorIds === null ? [] : [sql`s.author_id = any(${authorIds}::uuid[])`]),
      ...(before === undefined ? [] : [sql`(s.created_at, s.message_id) < (${before[0]}, ${before[1]})`]),
      ...listFilters(query),
    ],
    limit: limit + 1,
  })
  return cutPage(messages, limit, ({ createdAt, id }) => [createdAt, id])
}

function hasFilter({ from, in: places, since, until, has }: SearchQuery): boolean {
  return from.length > 0 || places.length > 0 || since !== null || until !== null || has.length > 0
}

function listFilters({ since, until, has }: SearchQuery): RawBuilder<unknown>[] {
  return [
    ...(since === null ? [] : [sql`s.created_at >= ${since}`]),
    ...(until === null ? [] : [sql`s.created_at < ${until}`]),
    // These change after a message is indexed.
    ...(has.includes('reaction') ? [sql`m.reaction_count > 0`] : []),
    ...(has.includes('thread') ? [sql`m.reply_count > 0`] : []),
  ]
}

/** The people of these names; names that nobody has are passed over, so that nobody can be found out by them. */
async function findAuthorIds(ctx: Context<UserActor>, names: string[]): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('users')
    .select('id')
    .where(({ eb, fn }) => eb(fn<string>('lower', ['username']), 'in', names))
    .execute()
  const ids = names.filter(isUuid)
  return [...rows.map(({ id }) => id), ...ids, ...(names.includes('me') ? [ctx.actor.id] : [])]
}

type Matches = { filters: RawBuilder<unknown>[]; limit: number }

async function readMatches(ctx: Context<UserActor>, { filters, limit }: Matches): Promise<Message[]> {
  try {
    return await ctx.transaction(async (ctx) => {
      await sql`set local statement_timeout = ${sql.lit(STATEMENT_MS)}`.execute(ctx.db)
      const { rows } = await sql<Message>`
        with found as (
          select m.id from message_search s join messages m on m.id = s.message_id
          where m.deleted_at is null and ${sql.join(filters, sql` and `)}
          order by s.created_at desc, s.message_id desc limit ${limit}
        )
        select ${sql.raw(MESSAGE_COLUMNS)} from messages where id in (select id from found)
        order by created_at desc, id desc`.execute(ctx.db)
      return rows
    })
  } catch (error) {
    if (isCanceled(error)) throw new AppError('search_too_slow', { cause: error })
    throw error
  }
}

function isKey(key: unknown[]): boolean {
  const [createdAt, id] = key
  return key.length === 2 && isTimestamp(createdAt) && isUuid(id)
}

import { type RawBuilder, sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import { containsPattern } from '../contains-pattern.ts'
import type { Context } from '../context.ts'
import { invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'
import { cutPage, decodeCursor, type Page } from '../page.ts'
import { isUuid } from '../uuid.ts'
import { getMembership } from '../workspaces/policy.ts'
import type { PublicUser } from './schema.ts'

export type SearchUsers = {
  /** Each of its words is looked for in the username and the name. */
  q: string
  /** Only members of this workspace. */
  workspaceId?: string | null
  limit: number
  cursor?: string | null
}

const WORDS_MAX = 5

type Row = PublicUser & { rank: number }
type Key = readonly [rank: number, id: string]

/**
 * The people whom the caller shares a workspace with: first those whose username begins like the text, then those of
 * whose names a word does, then the others that have it somewhere. A guest finds only people of its conversations.
 */
export async function searchUsers(ctx: Context<UserActor>, input: SearchUsers): Promise<Page<PublicUser>> {
  const { limit, cursor, workspaceId } = input
  const words = parseWords(input.q)
  const after = cursor ? decodeCursor<Key>(cursor, isKey) : undefined
  if (workspaceId) await getMembership(ctx, workspaceId)
  const { rows } = await sql<Row>`
    select * from (
      select u.id, u.username, u.name, u.status, u.status_text, u.status_expires_at, u.created_at, u.updated_at,
        ${rankBy(words[0]!)} as rank
      from users u
      where u.deleted_at is null and ${sql.join(words.map(contains), sql` and `)}
        and ${isVisibleTo(ctx.actor.id, workspaceId ?? null)}
    ) found
    where ${after === undefined ? sql`true` : sql`(rank, id) > (${after[0]}::int, ${after[1]}::uuid)`}
    order by rank, id
    limit ${limit + 1}`.execute(ctx.db)
  const page = cutPage(rows, limit, ({ rank, id }) => [rank, id])
  return { ...page, rows: page.rows.map(({ rank: _, ...user }) => user) }
}

/** As people write them: `@ada`, or parts of a first and a last name. */
function parseWords(q: string): string[] {
  requireStorableText(q, 'q')
  const words = q.trim().replace(/^@/, '').split(/\s+/).filter(Boolean)
  if (words.length === 0) throw invalidField('q', 'must not be empty')
  return words.slice(0, WORDS_MAX)
}

function isKey([rank, id, ...rest]: unknown[]): boolean {
  return (rank === 0 || rank === 1 || rank === 2) && isUuid(id) && rest.length === 0
}

// Written as the index users_search has it.
const TEXT = sql`(lower(u.username) || ' ' || lower(u.name))`

function contains(word: string): RawBuilder<boolean> {
  return sql`${TEXT} like lower(${containsPattern(word, 'q')})`
}

function rankBy(word: string): RawBuilder<number> {
  return sql`case
    when starts_with(lower(u.username), lower(${word})) then 0
    when position(' ' || lower(${word}) in ' ' || lower(u.name)) > 0 then 1
    else 2 end`
}

function isVisibleTo(userId: string, workspaceId: string | null): RawBuilder<boolean> {
  return sql`exists (
    select from members me
    join workspaces w on w.id = me.workspace_id
    join members m on m.workspace_id = me.workspace_id and m.user_id = u.id
    where me.user_id = ${userId} and w.deleted_at is null
      and (${workspaceId}::uuid is null or w.id = ${workspaceId}::uuid)
      and (me.role <> 'guest' or u.id = ${userId} or exists (
        select from participants mine
        join participants theirs on theirs.conversation_id = mine.conversation_id and theirs.user_id = u.id
        join conversations c on c.id = mine.conversation_id
        where mine.user_id = ${userId} and c.deleted_at is null
          and (c.workspace_id is null or c.workspace_id = w.id)
      ))
  )`
}

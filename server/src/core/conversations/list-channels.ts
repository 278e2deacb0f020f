import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import { containsPattern } from '../contains-pattern.ts'
import type { Context } from '../context.ts'
import { readIdCursor } from '../id-cursor.ts'
import { cutPage, type Page } from '../page.ts'
import { getMembership } from '../workspaces/policy.ts'
import type { ConversationView } from './schema.ts'
import { selectViews } from './views.ts'

export type ListChannels = {
  workspaceId: string
  limit: number
  cursor?: string | null
  /** A part of the name. */
  q?: string | null
  /** Only those that the caller is in. */
  memberOnly?: boolean
}

/** A workspace's channels that the caller can read, in the order in which they were made. */
export async function listChannels(ctx: Context<UserActor>, input: ListChannels): Promise<Page<ConversationView>> {
  const { workspaceId, limit, cursor, q, memberOnly = false } = input
  const { member } = await getMembership(ctx, workspaceId)
  const after = readIdCursor(cursor)
  const onlyOwn = memberOnly || member.role === 'guest'
  const conditions = [
    sql`c.workspace_id = ${workspaceId} and c.kind = 'channel' and c.deleted_at is null`,
    onlyOwn ? sql`p.user_id is not null` : sql`(p.user_id is not null or not c.is_private)`,
    ...(q ? [sql`c.name ilike ${containsPattern(q, 'q')}`] : []),
    ...(after === undefined ? [] : [sql`c.id > ${after}`]),
  ]
  const rest = sql`${sql.join(conditions, sql` and `)} order by c.id limit ${limit + 1}`
  const rows = await selectViews(ctx.db, ctx.actor.id, rest)
  return cutPage(rows, limit, ({ id }) => [id])
}

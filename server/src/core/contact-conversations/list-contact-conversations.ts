import { type RawBuilder, sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import { requireTeam } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import type { NumberedPage, PageNumber } from '../numbered-page.ts'
import { findMatching } from './find-matching.ts'
import { IS_UNREAD, readViews } from './queries.ts'
import type { ContactConversationView } from './schema.ts'

/** What has unread messages, what was active in the last 7 days, what has a star, or everything. */
export const CONVERSATION_FILTERS = ['unread', 'recents', 'starred', 'all'] as const
export type ConversationFilter = (typeof CONVERSATION_FILTERS)[number]

export type ListContactConversations = PageNumber & {
  workspaceId: string
  filter?: ConversationFilter | undefined
  /** Only those whose last message went over it. */
  transport?: Transport | undefined
  /** Part of a name, an address or a message: see find-matching.ts. */
  search?: string | undefined
  /** What the caller calls that. */
  searchField?: string
  /** By the last activity; latest first unless said. */
  sort?: 'latest' | 'oldest' | undefined
}

const RECENT_MS = 7 * 24 * 60 * 60 * 1_000

/**
 * The conversations of a workspace with its contacts. The page and the total are of one moment. Pages are counted from the
 * beginning of the list as it is then: a conversation that becomes active while somebody turns pages moves to the front and
 * pushes the others on, so that one may come twice, but none is passed over that did not move itself.
 * Oldest first it is the other way round: one may be passed over, none comes twice.
 */
export async function listContactConversations(
  ctx: Context<UserActor>,
  input: ListContactConversations,
): Promise<NumberedPage<ContactConversationView>> {
  const { workspaceId, sort, page, pageSize } = input
  await requireTeam(ctx, workspaceId)
  const where = sql.join(await listConditions(ctx, input), sql` and `)
  const direction = sort === 'oldest' ? sql`asc` : sql`desc`
  const { rows } = await sql<{ ids: string[]; totalCount: number }>`
    select array(
      select t.conversation_id from contact_conversations t where ${where}
      order by t.active_at ${direction}, t.conversation_id ${direction} limit ${pageSize} offset ${(page - 1) * pageSize}
    ) as ids, (select count(*) from contact_conversations t where ${where}) as total_count`.execute(ctx.db)
  const { ids, totalCount } = rows[0]!
  return { rows: await readViews(ctx.db, ids), totalCount }
}

async function listConditions(
  ctx: Context<UserActor>,
  { workspaceId, filter, transport, search = '', searchField = 'search' }: ListContactConversations,
): Promise<RawBuilder<unknown>[]> {
  const conditions = [sql`t.workspace_id = ${workspaceId} and t.deleted_at is null`]
  if (filter === 'unread') conditions.push(IS_UNREAD)
  if (filter === 'starred') conditions.push(sql`t.is_starred`)
  if (filter === 'recents') conditions.push(sql`t.active_at >= ${addMs(ctx.now(), -RECENT_MS)}`)
  if (transport !== undefined) conditions.push(sql`t.transport = ${transport}`)
  if (search.trim() !== '') {
    const ids = await findMatching(ctx, { workspaceId, text: search, field: searchField })
    conditions.push(sql`t.conversation_id = any(${ids}::uuid[])`)
  }
  return conditions
}

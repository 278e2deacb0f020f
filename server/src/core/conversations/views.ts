import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { ConversationView } from './schema.ts'

export const UNREAD_MAX = 1_000

// Where somebody wrote more than that since they last read, their own messages hide older unread ones from the count.
const UNREAD_SCANNED_MAX = 10_000

/** Counts others' undeleted messages after the read position of the participant `p`. */
export function unreadCount(userId: string): RawBuilder<number> {
  return sql<number>`(
    select count(*) from (
      select from (
        select author_id, deleted_at from messages
        where conversation_id = p.conversation_id and ordinal > p.read_ordinal
        order by ordinal limit ${sql.lit(UNREAD_SCANNED_MAX)}
      ) since
      where author_id <> ${userId} and deleted_at is null limit ${sql.lit(UNREAD_MAX)}
    ) unread)`
}

export const CONVERSATION_SELECTION = sql`c.id, c.workspace_id, c.kind, c.name, c.description, c.is_private, c.is_general,
  c.created_by, c.created_at, c.updated_at, c.deleted_at`

/** Conversations as one person sees them. `rest` goes on from the where clause; c, p and s are the tables. */
export async function selectViews(
  db: Database,
  userId: string,
  rest: RawBuilder<unknown>,
): Promise<ConversationView[]> {
  const { rows } = await sql<ConversationView>`
    select ${CONVERSATION_SELECTION}, p.user_id is not null as is_participant, s.last_message_at,
      ${unreadCount(userId)} as unread_count
    from conversations c
    join streams s on s.id = c.id
    left join participants p on p.conversation_id = c.id and p.user_id = ${userId}
    where ${rest}`.execute(db)
  return rows
}

/** One conversation as a person sees it who can read it. */
export async function getView(db: Database, userId: string, conversationId: string): Promise<ConversationView> {
  const [view] = await selectViews(db, userId, sql`c.id = ${conversationId}`)
  return view!
}

import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import { type ConversationKey, getTended } from '../contact-conversations/policy.ts'
import type { Context } from '../context.ts'
import type { NumberedPage, PageNumber } from '../numbered-page.ts'
import { selectSchedules } from './queries.ts'
import type { Schedule, ScheduleStatus } from './schema.ts'

export type ListSchedules = ConversationKey & PageNumber & { status?: ScheduleStatus | undefined }

/** The scheduled messages of a conversation in the order in which they were made, so that new ones move none. */
export async function listSchedules(
  ctx: Context<UserActor>,
  { workspaceId, conversationId, status, page, pageSize }: ListSchedules,
): Promise<NumberedPage<Schedule>> {
  await getTended(ctx, { workspaceId, conversationId })
  const where = sql`where s.conversation_id = ${conversationId} ${status === undefined ? sql`` : sql`and s.status = ${status}`}`
  const { rows } = await sql<{ total: number }>`
    select count(*) as total from scheduled_messages s ${where}`.execute(ctx.db)
  const part = sql`order by s.id limit ${pageSize} offset ${(page - 1) * pageSize}`
  return { rows: await selectSchedules(ctx.db, sql`${where} ${part}`), totalCount: rows[0]!.total }
}

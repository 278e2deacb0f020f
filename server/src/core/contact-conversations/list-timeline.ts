import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { NumberedPage, PageNumber } from '../numbered-page.ts'
import { type ConversationKey, getTended } from './policy.ts'
import type { TimelineMessage } from './schema.ts'
import { withDeliveries } from './with-deliveries.ts'

export type ListTimeline = ConversationKey &
  PageNumber & {
    /** Only what was sent before this moment. */
    before?: Timestamp | null
    /** Only what was sent after this moment. */
    after?: Timestamp | null
  }

/**
 * A conversation's messages as a screen shows them: page 1 is the newest, page 2 what is above it, and on each page the
 * oldest comes first. Deleted messages stay as tombstones. Since ordinals have no holes a page far back costs no more than the
 * first. New messages push pages on; whoever gives the same `before` turns them undisturbed.
 */
export async function listTimeline(
  ctx: Context<UserActor>,
  { workspaceId, conversationId, before, after, page, pageSize }: ListTimeline,
): Promise<NumberedPage<TimelineMessage> & { contactName: string }> {
  const { transport, contactId } = await getTended(ctx, { workspaceId, conversationId })
  const { name: contactName } = await ctx.db
    .selectFrom('contacts')
    .select('name')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  const { history } = ctx.ports
  const first = after ? await history.countBefore(conversationId, addMs(after, 1)) : 0
  const last = before ? await history.countBefore(conversationId, before) : await countMessages(ctx, conversationId)
  const total = Math.max(0, last - first)
  const skipped = (page - 1) * pageSize
  const limit = Math.min(pageSize, total - skipped)
  if (limit <= 0) return { rows: [], totalCount: total, contactName }
  const within = { conversationId, includeReplies: true }
  const messages = await history.read({ within, order: 'desc', beyond: last - skipped + 1, limit })
  return { rows: await withDeliveries(ctx.db, messages.reverse(), () => transport), totalCount: total, contactName }
}

async function countMessages(ctx: Context, conversationId: string): Promise<number> {
  const { messageCount } = await ctx.db
    .selectFrom('streams')
    .select('messageCount')
    .where('id', '=', conversationId)
    .executeTakeFirstOrThrow()
  return messageCount
}

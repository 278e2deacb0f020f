import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import { requireTeam } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { readHead } from '../log/read-head.ts'
import { EVENTS_KEPT_MS } from '../log/trim-events.ts'
import { findMessages } from '../messages/queries.ts'
import { PAGE_MAX } from '../page.ts'
import { listContactConversations } from './list-contact-conversations.ts'
import { readViews } from './queries.ts'
import type { ContactConversationView, NamedMessage } from './schema.ts'
import { withDeliveries } from './with-deliveries.ts'

/**
 * From where somebody asks: a moment, and the position up to which they know the log, where they know one. A moment
 * alone says less, since what was begun before it may have been committed after it.
 */
export type UpdatesSince = { at: Timestamp; position: number | null }

export type ListUpdates = {
  workspaceId: string
  /** Null where they know nothing yet. */
  since: UpdatesSince | null
  /** Only these conversations; all where it is empty. Those that are not of the workspace are passed over. */
  conversationIds?: string[]
}

export type Updates = {
  /** What was written, in the order in which it was committed. */
  newMessages: NamedMessage[]
  /** Other messages that changed: how far they came on their way, for example. */
  updatedMessages: NamedMessage[]
  /** Each conversation in which, or of whose contact, anything changed, as it is now. */
  conversations: ContactConversationView[]
  deletedConversationIds: string[]
  /** Where to go on from. */
  next: { at: Timestamp; position: number }
  /** Whether there is more already: go on at once. */
  hasMore: boolean
  /** What happened since then is not kept, or nobody said since when: these are the conversations that were active last. */
  isReset: boolean
}

/** Most events that one answer tells of, and most positions of the log that it looks through. */
const EVENTS_MAX = PAGE_MAX
const WINDOW = 50_000

/** No transaction takes as long from its beginning to its commit, and clocks of nodes differ less. */
const LATE_MS = 120_000
/** Events near the end of their time may be removed while somebody asks for them. */
const KEPT_MARGIN_MS = 600_000

/**
 * What changed in the conversations with contacts since somebody asked last. It is read from the log, whose positions
 * rise in commit order: who goes on from `next` misses nothing, however late it was committed. Something may come twice.
 */
export async function listUpdates(
  ctx: Context<UserActor>,
  { workspaceId, since, conversationIds = [] }: ListUpdates,
): Promise<Updates> {
  await requireTeam(ctx, workspaceId)
  const now = ctx.now()
  const head = await readHead(ctx.db)
  if (since === null || since.at < addMs(now, KEPT_MARGIN_MS - EVENTS_KEPT_MS)) {
    const conversations = await readLatest(ctx, workspaceId, conversationIds)
    return { ...NOTHING, conversations, next: { at: now, position: head }, hasMore: false, isReset: true }
  }
  const after = await findPosition(ctx, since, head)
  const upTo = Math.min(after + WINDOW, head)
  const changes = await readChanges(ctx, { workspaceId, conversationIds, after, upTo })
  const isFull = changes.length > EVENTS_MAX
  if (isFull) changes.length = EVENTS_MAX
  const position = isFull ? changes.at(-1)!.position : upTo
  const hasMore = position < head
  const next = { at: hasMore ? await readMoment(ctx, position, since.at) : now, position }
  return { ...(await readChanged(ctx, changes)), next, hasMore, isReset: false }
}

const NOTHING = { newMessages: [], updatedMessages: [], deletedConversationIds: [] }

async function readLatest(ctx: Context<UserActor>, workspaceId: string, ids: string[]) {
  if (ids.length === 0) return (await listContactConversations(ctx, { workspaceId, page: 1, pageSize: PAGE_MAX })).rows
  const views = await readViews(ctx.db, ids)
  return views.filter(({ conversation }) => conversation.workspaceId === workspaceId)
}

/**
 * The position after which everything stands that was committed since then. Of an event that is old enough it is known that
 * it was committed before; not of a message from outside, which bears the moment of its arrival, however late it is applied.
 */
async function findPosition({ db }: Context, { at, position }: UpdatesSince, head: number): Promise<number> {
  // A position ahead of the log is of another log, or of one that was restored.
  if (position !== null && position <= head) return position
  const before = addMs(at, -LATE_MS)
  const within = (ms: number) => sql`(
    select max(position) from events
    where created_at >= ${addMs(before, -ms)} and created_at < ${before} and type <> 'message.created')`
  const { rows } = await sql<{ position: number }>`
    select coalesce(${within(3_600_000)}, ${within(EVENTS_KEPT_MS)}, 0) as position`.execute(db)
  return rows[0]!.position
}

type Window = { workspaceId: string; conversationIds: string[]; after: number; upTo: number }

/** An event of a conversation, or of its contact. */
type Change = { position: number; type: string; conversationId: string; messageId: string | null }

// The window is walked by the primary key whatever the planner thinks of it: OFFSET 0 keeps the conditions out of the
// inner query, and the limit ends the walk early.
async function readChanges({ db }: Context, { workspaceId, conversationIds, after, upTo }: Window): Promise<Change[]> {
  const { rows } = await sql<Change>`
    select e.position, e.type, t.conversation_id,
      coalesce(e.data #>> '{message,id}', e.data #>> '{delivery,messageId}') as message_id
    from (
      select position, stream_id, workspace_id, type, data from events
      where position > ${after} and position <= ${upTo} order by position offset 0
    ) e cross join lateral (
      select conversation_id from contact_conversations where conversation_id = e.stream_id
      union all
      select conversation_id from contact_conversations where contact_id = e.stream_id and deleted_at is null
    ) t
    where e.workspace_id = ${workspaceId}
      and (${conversationIds.length === 0} or t.conversation_id = any(${conversationIds}::uuid[]))
    order by e.position limit ${EVENTS_MAX + 1}`.execute(db)
  return rows
}

/** When the newest event up to a position was recorded. */
async function readMoment({ db }: Context, position: number, otherwise: Timestamp): Promise<Timestamp> {
  const row = await db
    .selectFrom('events')
    .select('createdAt')
    .where('position', '<=', position)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.createdAt ?? otherwise
}

/** The rows behind some events, read after them: so at least as new. */
async function readChanged({ db }: Context, changes: Change[]) {
  const conversationIds = [...new Set(changes.map(({ conversationId }) => conversationId))]
  const conversations = await readViews(db, conversationIds)
  const viewOf = new Map(conversations.map((view) => [view.conversation.id, view]))
  const messageIds = [...new Set(changes.flatMap(({ messageId }) => messageId ?? []))]
  const messages = (await findMessages(db, messageIds)).filter(({ conversationId }) => viewOf.has(conversationId))
  const named = (await withDeliveries(db, messages, ({ conversationId }) => viewOf.get(conversationId)!.transport)).map(
    (one) => ({ ...one, contactName: viewOf.get(one.message.conversationId)!.contact.contact.name }),
  )
  const created = new Set(changes.filter(({ type }) => type === 'message.created').map(({ messageId }) => messageId))
  return {
    newMessages: named.filter(({ message }) => created.has(message.id)),
    updatedMessages: named.filter(({ message }) => !created.has(message.id)),
    conversations,
    deletedConversationIds: conversationIds.filter((id) => !viewOf.has(id)),
  }
}

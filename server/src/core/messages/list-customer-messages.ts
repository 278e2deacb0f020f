import { sql } from 'kysely'
import type { ClientActor } from '../actor.ts'
import { getContact, getContactByEmail } from '../contacts/get-contact.ts'
import type { Context } from '../context.ts'
import { getCustomerConversation } from '../customer-conversations/get-customer-conversation.ts'
import { AppError } from '../errors.ts'
import { readAround, type Window } from '../window.ts'
import { findMessage, MESSAGE_COLUMNS } from './queries.ts'
import type { Message } from './schema.ts'

export type MessageWindow = { rows: Message[]; hasMore: boolean; totalCount: number }

/** The messages of a conversation between contacts, oldest first. */
export async function listConversationMessages(
  ctx: Context<ClientActor>,
  { conversationId, ...window }: Window & { conversationId: string },
): Promise<MessageWindow> {
  await getCustomerConversation(ctx, { conversationId })
  const page = await readAround(window, {
    find: (id) => findInConversations(ctx, id, [conversationId]),
    read: ({ edge, isBackward, limit }) => {
      const order = isBackward ? 'desc' : 'asc'
      const within = { conversationId, includeReplies: true }
      return ctx.ports.history.read({ within, order, beyond: edge?.ordinal ?? null, limit })
    },
  })
  return { ...page, totalCount: await countInConversation(ctx, conversationId) }
}

/** What a contact sent, over all its conversations, newest first. */
export async function listContactMessages(
  ctx: Context<ClientActor>,
  { contactId, ...window }: Window & { contactId: string },
): Promise<MessageWindow> {
  await getContact(ctx, { contactId })
  await ctx.ports.activity.caughtUp()
  const page = await readAround(window, {
    find: async (id) => {
      const message = await findMessage(ctx.db, id)
      return message?.authorKind === 'contact' && message.authorId === contactId ? message : undefined
    },
    read: async ({ edge, isBackward, limit }) => {
      const direction = isBackward ? sql`asc` : sql`desc`
      const beyond = edge
        ? sql`(created_at, id) ${isBackward ? sql`>` : sql`<`} (${edge.createdAt}::timestamptz, ${edge.id}::uuid)`
        : sql`true`
      const { rows } = await sql<Message>`
        select ${sql.raw(MESSAGE_COLUMNS)} from messages
        where author_kind = 'contact' and author_id = ${contactId} and ${beyond}
        order by created_at ${direction}, id ${direction} limit ${limit}`.execute(ctx.db)
      return rows
    },
  })
  const { messageCount } = await ctx.db
    .selectFrom('contacts')
    .select('messageCount')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  return { ...page, totalCount: messageCount }
}

/** What two contacts sent in the conversations that they share, oldest first. Both are named by email. */
export async function listMessagesBetween(
  ctx: Context<ClientActor>,
  { emails, fields, ...window }: Window & { emails: [string, string]; fields: [string, string] },
): Promise<MessageWindow> {
  const one = await getContactByEmail(ctx, { email: emails[0], field: fields[0] })
  const other = await getContactByEmail(ctx, { email: emails[1], field: fields[1] })
  const contactIds = [one.id, other.id]
  await ctx.ports.activity.caughtUp()
  const shared = await listSharedConversations(ctx, one.id, other.id)
  const conversationIds = shared.map(({ conversationId }) => conversationId)
  const page = await readAround(window, {
    find: async (id) => {
      const message = await findInConversations(ctx, id, conversationIds)
      return message !== undefined && contactIds.includes(message.authorId) ? message : undefined
    },
    read: async ({ edge, isBackward, limit }) => {
      const direction = isBackward ? sql`desc` : sql`asc`
      const beyond = edge
        ? sql`(created_at, id) ${isBackward ? sql`<` : sql`>`} (${edge.createdAt}::timestamptz, ${edge.id}::uuid)`
        : sql`true`
      const order = sql`order by created_at ${direction}, id ${direction} limit ${limit}`
      // So many of each conversation at most, each by its index, and of those the first.
      const { rows } = await sql<Message>`
        select m.* from unnest(${conversationIds}::uuid[]) as s (shared_id) cross join lateral (
          select ${sql.raw(MESSAGE_COLUMNS)} from messages
          where conversation_id = s.shared_id and author_kind = 'contact' and author_id = any(${contactIds}::uuid[])
            and ${beyond}
          ${order}
        ) m order by "createdAt" ${direction}, id ${direction} limit ${limit}`.execute(ctx.db)
      return rows
    },
  })
  return { ...page, totalCount: shared.reduce((sum, { messages }) => sum + messages, 0) }
}

/** Most conversations that two contacts are looked for in; the newest of them. */
const SHARED_MAX = 1_000

type Shared = { conversationId: string; messages: number }

/** With how many messages the two sent there. */
async function listSharedConversations(ctx: Context<ClientActor>, a: string, b: string): Promise<Shared[]> {
  const { rows } = await sql<Shared>`
    select p.conversation_id, p.message_count + case when p.contact_id = q.contact_id then 0 else q.message_count end as messages
    from contact_participants p join contact_participants q on q.conversation_id = p.conversation_id
    join conversations c on c.id = p.conversation_id
    where p.contact_id = ${a} and q.contact_id = ${b} and c.deleted_at is null
    order by p.conversation_id desc limit ${sql.lit(SHARED_MAX)}`.execute(ctx.db)
  return rows
}

async function findInConversations(
  ctx: Context<ClientActor>,
  id: string,
  conversationIds: string[],
): Promise<Message | undefined> {
  const message = await findMessage(ctx.db, id)
  return message !== undefined && conversationIds.includes(message.conversationId) ? message : undefined
}

async function countInConversation(ctx: Context<ClientActor>, conversationId: string): Promise<number> {
  const stream = await ctx.db
    .selectFrom('streams')
    .select('messageCount')
    .where('id', '=', conversationId)
    .executeTakeFirst()
  if (stream === undefined) throw new AppError('conversation_not_found', 'conversation_id')
  return stream.messageCount
}

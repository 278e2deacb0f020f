import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import { readContactDetails } from '../contacts/contact-details.ts'
import { selectContacts } from '../contacts/queries.ts'
import type { Conversation } from '../conversations/schema.ts'
import { findLastMessages } from '../messages/queries.ts'
import type { ContactConversation, ContactConversationView } from './schema.ts'
import { withDeliveries } from './with-deliveries.ts'

/** Most unread messages that are counted. */
const UNREAD_COUNTED_MAX = 1_000

/** Whether the team has something to read, written as the index contact_conversations_unread has it. */
export const IS_UNREAD = sql`(t.inbound_ordinal > t.read_ordinal or t.kept_unread > 0)`

// From the messages themselves, so that nothing can count wrong; what was sent after the contact's last message is
// not looked at.
const UNREAD_COUNT = sql`t.kept_unread + (select count(*) from (
    select from messages m
    where m.conversation_id = t.conversation_id and m.ordinal > t.read_ordinal and m.ordinal <= t.inbound_ordinal
      and m.author_kind = 'contact' and m.deleted_at is null
    limit ${sql.lit(UNREAD_COUNTED_MAX)}
  ) unread)`

type Row = Conversation & { workspaceId: string } & Omit<ContactConversation, 'conversation'>

function select(more: RawBuilder<unknown>, where: RawBuilder<unknown>): RawBuilder<Row & { unreadCount: number }> {
  return sql`
    select c.id, c.workspace_id, c.kind, c.name, c.description, c.is_private, c.is_general, c.created_by, c.created_at,
      c.updated_at, c.deleted_at, t.contact_id, t.transport, t.active_at, t.is_starred, t.read_ordinal, t.kept_unread${more}
    from contact_conversations t join conversations c on c.id = t.conversation_id
    where ${where} and t.deleted_at is null`
}

function toContactConversation(row: Row): ContactConversation {
  const { contactId, transport, activeAt, isStarred, readOrdinal, keptUnread, ...conversation } = row
  return { conversation, contactId, transport, activeAt, isStarred, readOrdinal, keptUnread }
}

/** The conversation of a contact; undefined where there is none yet. */
export async function findContactConversation(
  db: Database,
  { workspaceId, contactId }: { workspaceId: string; contactId: string },
): Promise<ContactConversation | undefined> {
  const where = sql`t.contact_id = ${contactId} and t.workspace_id = ${workspaceId}`
  const { rows } = await select(sql``, where).execute(db)
  return rows[0] && toContactConversation(rows[0])
}

/** The same by its own id. */
export async function readContactConversation(
  db: Database,
  { workspaceId, conversationId }: { workspaceId: string; conversationId: string },
): Promise<ContactConversation | undefined> {
  const where = sql`t.conversation_id = ${conversationId} and t.workspace_id = ${workspaceId}`
  const { rows } = await select(sql``, where).execute(db)
  return rows[0] && toContactConversation(rows[0])
}

/** Conversations as their team sees them, in the order of the ids; those that were deleted meanwhile are left out. */
export async function readViews(db: Database, ids: string[]): Promise<ContactConversationView[]> {
  if (ids.length === 0) return []
  const unread = sql`, ${UNREAD_COUNT} as unread_count`
  const { rows } = await select(unread, sql`t.conversation_id = any(${ids}::uuid[])`).execute(db)
  const contacts = await selectContacts(db, sql`c.id = any(${rows.map(({ contactId }) => contactId)}::uuid[])`)
  const details = await readContactDetails(db, contacts)
  const contactOf = new Map(details.map((one) => [one.contact.id, one]))
  const transportOf = new Map(rows.map(({ id, transport }) => [id, transport]))
  const last = [...(await findLastMessages(db, ids)).values()]
  const travelled = await withDeliveries(db, last, ({ conversationId }) => transportOf.get(conversationId)!)
  const lastOf = new Map(travelled.map((one) => [one.message.conversationId, one]))
  const views = rows.map(({ unreadCount, ...row }) => ({
    ...toContactConversation(row),
    contact: contactOf.get(row.contactId)!,
    unreadCount,
    lastMessage: lastOf.get(row.id) ?? null,
  }))
  const place = new Map(ids.map((id, i) => [id, i]))
  return views.sort((a, b) => place.get(a.conversation.id)! - place.get(b.conversation.id)!)
}

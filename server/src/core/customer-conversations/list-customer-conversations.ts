import { sql } from 'kysely'
import { listByActivity } from '../activity/list-by-activity.ts'
import type { ClientActor } from '../actor.ts'
import { getContact, getContactByEmail } from '../contacts/get-contact.ts'
import { listActive } from '../contacts/list-contacts.ts'
import type { ActiveContact } from '../contacts/schema.ts'
import type { Context } from '../context.ts'
import type { Window } from '../window.ts'
import { findCustomerConversations } from './queries.ts'
import type { CustomerConversation } from './schema.ts'

export type ConversationWindow<Row = CustomerConversation> = { rows: Row[]; hasMore: boolean; totalCount: number }

/** The conversations of the workspace's contacts, or those of one contact; latest activity first. */
export async function listCustomerConversations(
  ctx: Context<ClientActor>,
  { contactId, ...window }: Window & { contactId?: string },
): Promise<ConversationWindow> {
  const { workspaceId } = ctx.actor
  if (contactId !== undefined) await getContact(ctx, { contactId })
  const list = { kind: 'conversations', ownerId: contactId ?? workspaceId } as const
  const { items, hasMore, totalCount } = await listByActivity(ctx, { ...list, ...window })
  const ids = items.map(({ itemId }) => itemId)
  const found = await findCustomerConversations(ctx.db, workspaceId, ids)
  return { rows: ids.flatMap((id) => found.get(id) ?? []), hasMore, totalCount }
}

/** A contact with the conversations that another shares with it, latest activity first. */
export type SharedConversations = ActiveContact & {
  conversations: CustomerConversation[]
  hasMoreConversations: boolean
}

/** Most conversations shown of each pair. */
const SHARED_SHOWN_MAX = 100

/** Whom a contact shares conversations with, and which; by the latest activity in any of those. */
export async function listConversationsByPeer(
  ctx: Context<ClientActor>,
  { email, ...window }: Window & { email: string },
): Promise<ConversationWindow<SharedConversations>> {
  const contact = await getContactByEmail(ctx, { email, field: 'email' })
  const { rows: peers, ...page } = await listActive(ctx, { kind: 'peers', ownerId: contact.id }, window)
  const shared = await listShared(ctx, contact.id, peers)
  const ids = [...shared.values()].flat()
  const found = await findCustomerConversations(ctx.db, ctx.actor.workspaceId, ids)
  const rows = peers.map((peer) => {
    const ofPeer = shared.get(peer.contact.id) ?? []
    const conversations = ofPeer.slice(0, SHARED_SHOWN_MAX).flatMap((id) => found.get(id) ?? [])
    return { ...peer, conversations, hasMoreConversations: ofPeer.length > SHARED_SHOWN_MAX }
  })
  return { ...page, rows }
}

/** The ids of shared conversations by the peer's id, one more than is shown of each. */
async function listShared(
  ctx: Context<ClientActor>,
  contactId: string,
  peers: ActiveContact[],
): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ peerId: string; itemId: string }>`
    select t.peer_id, a.item_id from unnest(${peers.map(({ contact }) => contact.id)}::uuid[]) as t (peer_id)
    cross join lateral (
      select a.item_id, a.position from contact_participants p
      join contact_participants q on q.conversation_id = p.conversation_id and q.contact_id = ${contactId}
      join activities a on a.kind = 'conversations' and a.owner_id = t.peer_id and a.item_id = p.conversation_id
      where p.contact_id = t.peer_id
      order by a.position desc limit ${sql.lit(SHARED_SHOWN_MAX + 1)}
    ) a order by a.position desc`.execute(ctx.db)
  return new Map(
    [...Map.groupBy(rows, ({ peerId }) => peerId)].map(([id, ofPeer]) => [id, ofPeer.map(({ itemId }) => itemId)]),
  )
}

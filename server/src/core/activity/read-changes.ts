import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'

/** What happened in one conversation between contacts, in a part of the log. */
export type ConversationChange = {
  id: string
  workspaceId: string
  contactIds: string[]
  /** The latest activity of all. */
  position: number
  activeAt: Timestamp
  /** The latest message of each contact, and how many there were. */
  sent: { contactId: string; position: number; activeAt: Timestamp; messages: number }[]
}

/** A part of the log: what stands after one position up to another. */
export type Part = { after: number; upTo: number }

type SentRow = { id: string; contactId: string | null; position: number; activeAt: Timestamp; messages: number }
type PlaceRow = { id: string; workspaceId: string; contactIds: string[] }

/** Conversations that began or in which messages were sent, but for those that were deleted since. */
export async function readConversationChanges(db: Database, { after, upTo }: Part): Promise<ConversationChange[]> {
  // The events' JSON is taken apart for conversations between contacts only: of all others it says nothing here.
  const { rows: sent } = await sql<SentRow>`
    with part as materialized (
      select stream_id, type, position, created_at, data from events
      where position > ${after} and position <= ${upTo} and type in ('message.created', 'conversation.opened')
    ), places as materialized (
      select id from conversations
      where id in (select distinct stream_id from part) and kind = 'customer' and deleted_at is null
    )
    select id, contact_id, max(position) as position, max(created_at) as active_at,
      count(*) filter (where type = 'message.created') as messages
    from (
      select p.id, e.type, e.position, e.created_at, (e.data -> 'author' ->> 'id')::uuid as contact_id
      from places p join part e on e.stream_id = p.id
    ) changes group by id, contact_id`.execute(db)
  const byPlace = Map.groupBy(sent, ({ id }) => id)
  const places = await readPlaces(db, [...byPlace.keys()])
  return places.map((place) => toChange(place, byPlace.get(place.id)!))
}

async function readPlaces(db: Database, ids: string[]): Promise<PlaceRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<PlaceRow>`
    select c.id, c.workspace_id, array(
      select contact_id from contact_participants p where p.conversation_id = c.id
    ) as contact_ids
    from conversations c where c.id = any(${ids}::uuid[])`.execute(db)
  return rows
}

function toChange(place: PlaceRow, rows: SentRow[]): ConversationChange {
  const sent = rows.flatMap(({ contactId, position, activeAt, messages }) =>
    contactId === null ? [] : [{ contactId, position, activeAt, messages }],
  )
  const latest = rows.reduce((a, b) => (b.position > a.position ? b : a))
  return { ...place, position: latest.position, activeAt: latest.activeAt, sent }
}

/** How many contacts a workspace has more or fewer. */
export type ContactCount = { workspaceId: string; count: number }

/** Something that was deleted. */
export type Removal = { type: 'contact.deleted' | 'conversation.deleted'; id: string; workspaceId: string }

export async function readContactCounts(db: Database, { after, upTo }: Part): Promise<ContactCount[]> {
  const { rows } = await sql<ContactCount>`
    select workspace_id, sum(case type when 'contact.created' then 1 else -1 end) as count from events
    where position > ${after} and position <= ${upTo} and type in ('contact.created', 'contact.deleted')
    group by workspace_id`.execute(db)
  return rows
}

/** Contacts, and conversations between them, that were deleted. */
export async function readRemovals(db: Database, { after, upTo }: Part): Promise<Removal[]> {
  const { rows } = await sql<Removal>`
    select e.type, e.stream_id as id, e.workspace_id from events e
    where e.position > ${after} and e.position <= ${upTo}
      and (e.type = 'contact.deleted'
        or e.type = 'conversation.deleted' and exists (
          select from conversations c where c.id = e.stream_id and c.kind = 'customer'
        ))
    order by e.position`.execute(db)
  return rows
}

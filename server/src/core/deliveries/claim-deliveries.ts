import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Attachment } from '../messages/schema.ts'
import type { EmailParts, Transport } from './carrier.ts'

/** For so long a handover may take, its result being written included, in milliseconds. Later it counts as unknown. */
export const LEASE_MS = 45_000

// Of more senders with something due, the next turn looks at the others.
const SENDERS_MAX = 500
// How far behind the head of a sender's queue other recipients are looked for at once.
const WINDOW = 200
const WINDOWS_MAX = 5
const CLAIM_LOCK = 7_201_005
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

export type DueSender = {
  senderId: string
  carrier: string
  /** Handovers that are under way, on any node. */
  inFlight: number
}

/** A message that this node hands over now, once. */
export type Claim = {
  deliveryId: string
  messageId: string
  conversationId: string
  senderId: string
  transport: Transport
  carrier: string
  from: string
  fromName: string | null
  to: string
  body: string
  attachments: Attachment[]
  email: EmailParts | null
  /** The attempt's number, from 1. */
  number: number
  createdAt: Timestamp
  workspaceId: string
  contactId: string
  /** When the person last wrote from there to this sender; null for never. */
  lastInboundAt: Timestamp | null
}

/** Claims are given out one after another, so that nodes together keep to the limits of a sender and of a recipient. */
export async function lockClaims(db: Database): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`.execute(db)
}

/** Senders with something due, in the order of their ids after `after`; `next` is where the next turn begins. */
export async function listDueSenders(
  db: Database,
  { now, after }: { now: Timestamp; after: string | undefined },
): Promise<{ senders: DueSender[]; next: string | undefined }> {
  // One step in the index for each sender that has anything queued, however much that is.
  const { rows } = await sql<DueSender & { isDue: boolean }>`
    with recursive waiting as (
      (select sender_id, 1 as place from deliveries
       where status = 'queued' and sender_id > ${after ?? BEFORE_ALL} order by sender_id limit 1)
      union all
      select n.sender_id, w.place + 1 from waiting w cross join lateral (
        select sender_id from deliveries d where d.status = 'queued' and d.sender_id > w.sender_id
        order by sender_id limit 1
      ) n where w.place < ${SENDERS_MAX}
    )
    select w.sender_id, s.carrier, exists (
      select from deliveries d where d.sender_id = w.sender_id and d.status = 'queued' and d.due_at <= ${now}
    ) as is_due, (
      select count(*) from deliveries d where d.sender_id = w.sender_id and d.status = 'sending'
    ) as in_flight
    from waiting w join senders s on s.id = w.sender_id order by w.sender_id`.execute(db)
  return {
    senders: rows.filter(({ isDue }) => isDue),
    next: rows.length < SENDERS_MAX ? undefined : rows.at(-1)!.senderId,
  }
}

export type ClaimRequest = { senderId: string; deliveries: number }

/**
 * Takes so many messages of each sender, the ones that are due longest first; to each recipient one at a time, so that
 * theirs arrive in order. From the commit on they are on their way: nobody hands them over again.
 */
export async function claimDeliveries(
  db: Database,
  { now, nodeId, requests }: { now: Timestamp; nodeId: string; requests: ClaimRequest[] },
): Promise<Claim[]> {
  const ids: string[] = []
  for (const request of requests) ids.push(...(await chooseDeliveries(db, { ...request, now })))
  if (ids.length === 0) return []
  const { rows } = await sql<Claim>`
    with chosen as materialized (
      select id from deliveries where id = any(${ids}::uuid[]) and status = 'queued' order by id for update skip locked
    ), claimed as (
      update deliveries d set status = 'sending', claimed_by = ${nodeId}, claimed_at = ${now},
        due_at = ${addMs(now, LEASE_MS)}, attempt_count = d.attempt_count + 1
      where d.id = any(array(select id from chosen))
      returning d.*
    )
    select d.id as delivery_id, d.message_id, d.conversation_id, d.sender_id, d.transport, d.carrier, s.address as "from",
      s.name as from_name, d.to_address as "to", m.body, m.attachments, d.email, d.attempt_count as number, d.created_at,
      d.workspace_id, t.contact_id, l.last_inbound_at
    from claimed d join senders s on s.id = d.sender_id join messages m on m.id = d.message_id
    join contact_conversations t on t.conversation_id = d.conversation_id
    left join legs l on l.conversation_id = d.conversation_id and l.sender_id = d.sender_id and l.address = d.to_address
    order by d.created_at, d.id`.execute(db)
  return rows
}

/** The ids of the first messages to recipients to whom nothing is on its way. */
async function chooseDeliveries(
  db: Database,
  { senderId, deliveries, now }: ClaimRequest & { now: Timestamp },
): Promise<string[]> {
  const chosen: string[] = []
  const taken: string[] = []
  for (let i = 0; i < WINDOWS_MAX && chosen.length < deliveries; i++) {
    const { rows } = await sql<{ id: string; toAddress: string; seen: number; isBusy: boolean }>`
      with busy as materialized (
        select to_address from deliveries where sender_id = ${senderId} and status = 'sending'
      ), near as materialized (
        select id, to_address, due_at, ordinal from deliveries
        where sender_id = ${senderId} and status = 'queued' and due_at <= ${now} and to_address <> all(${taken}::text[])
        order by due_at, ordinal, id limit ${sql.lit(WINDOW)}
      ), firsts as (
        select distinct on (to_address) * from near order by to_address, due_at, ordinal, id
      )
      select id, to_address, (select count(*) from near) as seen, to_address in (select to_address from busy) as is_busy
      from firsts order by due_at, ordinal, id`.execute(db)

    for (const { id, toAddress, isBusy } of rows) {
      taken.push(toAddress)
      if (!isBusy && chosen.length < deliveries) chosen.push(id)
    }
    if (rows.length === 0 || rows[0]!.seen < WINDOW) break
  }
  return chosen
}

import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { Database, DatabasePool } from '../../platform/database/database.ts'
import type { TakenPart } from '../log/log-follower.ts'
import { readHead } from '../log/read-head.ts'
import { applyRemovals } from './apply-removals.ts'
import { addToCount } from './counts.ts'
import {
  type ConversationChange,
  type Part,
  readContactCounts,
  readConversationChanges,
  readRemovals,
} from './read-changes.ts'
import type { Active, ActivityKind, ActivityList } from './schema.ts'

/** The row of log_readers that says how far the lists have come, and that one node at a time locks. */
export const READER = 'activity'

/** What stands in one list, as of now. */
type Entry = ActivityList & Active

/**
 * Takes the next part of the log into the lists. The rows and the position commit together, so that a crash neither
 * skips nor repeats; a commit that is lost with a crash of the database is only done again, so it is not waited for.
 */
export async function applyActivity(
  { kysely }: DatabasePool,
  { positionsMax, now }: { positionsMax: number; now: Timestamp },
): Promise<TakenPart> {
  return kysely.transaction().execute(async (db) => {
    await sql`set local synchronous_commit = off`.execute(db)
    const reader = await db
      .selectFrom('logReaders')
      .select('position')
      .where('name', '=', READER)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst()
    if (reader === undefined) return { position: undefined, isFull: false }
    const after = reader.position
    const head = await readHead(db)
    const upTo = Math.min(after + positionsMax, head)
    if (upTo <= after) return { position: after, isFull: false }
    const part = { after, upTo }
    await applyChanges(db, await readConversationChanges(db, part), { part, now })
    for (const { workspaceId, count } of await readContactCounts(db, part)) {
      await addToCount(db, { kind: 'contacts', ownerId: workspaceId, by: count })
    }
    await applyRemovals(db, await readRemovals(db, part))
    await db.updateTable('logReaders').set({ position: upTo }).where('name', '=', READER).execute()
    return { position: upTo, isFull: upTo < head }
  })
}

type Applying = { part: Part; now: Timestamp }

async function applyChanges(db: Database, changes: ConversationChange[], applying: Applying): Promise<void> {
  if (changes.length === 0) return
  const entries = new Map<string, Entry>()
  const put = (entry: Entry) => {
    const key = `${entry.kind} ${entry.ownerId} ${entry.itemId}`
    const known = entries.get(key)
    if (known === undefined || known.position < entry.position) entries.set(key, entry)
  }
  for (const change of changes) for (const entry of entriesOf(change)) put(entry)
  await writeEntries(db, [...entries.values()], applying)
  await countMessages(db, changes)
}

/** Where a change moves what to. */
function* entriesOf(change: ConversationChange): Generator<Entry> {
  const { id, workspaceId, contactIds, position, activeAt, sent } = change
  const entry = (
    kind: ActivityKind,
    ownerId: string,
    itemId: string,
    at: { position: number; activeAt: Timestamp },
  ) => {
    return { kind, ownerId, itemId, position: at.position, activeAt: at.activeAt }
  }
  for (const ownerId of [workspaceId, ...contactIds]) yield entry('conversations', ownerId, id, change)
  for (const owner of contactIds) {
    for (const peer of contactIds) if (peer !== owner) yield entry('peers', owner, peer, { position, activeAt })
  }
  for (const one of sent) {
    yield entry('senders', workspaceId, one.contactId, one)
    for (const other of contactIds) {
      if (other === one.contactId) continue
      yield entry('correspondents', one.contactId, other, one)
      yield entry('correspondents', other, one.contactId, one)
    }
  }
}

/** Where somebody pages one of the lists, what moves in it leaves behind where it stood. */
async function writeEntries(db: Database, entries: Entry[], { part, now }: Applying): Promise<void> {
  await sql`
    with fresh as materialized (
      select * from unnest(
        ${entries.map(({ kind }) => kind)}::text[], ${entries.map(({ ownerId }) => ownerId)}::uuid[],
        ${entries.map(({ itemId }) => itemId)}::uuid[], ${entries.map(({ position }) => position)}::bigint[],
        ${entries.map(({ activeAt }) => activeAt)}::timestamptz[]
      ) as f (kind, owner_id, item_id, position, active_at)
    ), before as materialized (
      select a.* from fresh f join activities a using (kind, owner_id, item_id)
    ), left_behind as (
      insert into activity_moves (kind, owner_id, item_id, position, active_at, moved_at)
      select b.kind, b.owner_id, b.item_id, b.position, b.active_at, ${part.upTo} from before b
      where exists (
        select from list_walks w where w.kind = b.kind and w.owner_id = b.owner_id and w.expires_at > ${now}
      )
    ), counted as (
      insert into list_counts as c (kind, owner_id, count)
      select kind, owner_id, count(*) from fresh f
      where not exists (
        select from before b where b.kind = f.kind and b.owner_id = f.owner_id and b.item_id = f.item_id
      )
      group by kind, owner_id
      on conflict (kind, owner_id) do update set count = c.count + excluded.count
    )
    insert into activities (kind, owner_id, item_id, position, active_at) select * from fresh
    on conflict (kind, owner_id, item_id) do update set position = excluded.position, active_at = excluded.active_at
    `.execute(db)
}

async function countMessages(db: Database, changes: ConversationChange[]): Promise<void> {
  const sent = changes.flatMap(({ id, sent }) => sent.map(({ contactId, messages }) => ({ id, contactId, messages })))
  if (sent.length === 0) return
  await sql`
    with sent as materialized (
      select * from unnest(
        ${sent.map(({ id }) => id)}::uuid[], ${sent.map(({ contactId }) => contactId)}::uuid[],
        ${sent.map(({ messages }) => messages)}::bigint[]
      ) as s (conversation_id, contact_id, messages)
    ), there as (
      update contact_participants p set message_count = p.message_count + s.messages from sent s
      where p.conversation_id = s.conversation_id and p.contact_id = s.contact_id
    )
    update contacts c set message_count = c.message_count + s.messages
    from (select contact_id, sum(messages) as messages from sent group by contact_id) s
    where c.id = s.contact_id`.execute(db)
}

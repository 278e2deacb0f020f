import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type CustomerWorld, customerWorld } from '../../testing/customer-world.ts'
import { explain, type Plan, type Recorded, recordQueries } from '../../testing/query-plans.ts'
import { listContacts, listCorrespondents, listSenders } from '../contacts/list-contacts.ts'
import {
  listConversationsByPeer,
  listCustomerConversations,
} from '../customer-conversations/list-customer-conversations.ts'
import {
  listContactMessages,
  listConversationMessages,
  listMessagesBetween,
} from '../messages/list-customer-messages.ts'

const ROWS = 200_000
/** What a page of 100 may touch at any step of its plan: some hundreds, never all. */
const TOUCHED_MAX = 2_000

type List = (window: {
  limit: number
  startingAfter: string | null
}) => Promise<{ rows: unknown[]; totalCount: number }>

test(`no list reads or sorts all of ${ROWS} rows, on its first page or in its middle`, async (t) => {
  const world = await customerWorld(t, { contacts: 2, eventTruth: false })
  const middle = await fill(world)
  const { queries, stop } = recordQueries()
  t.after(stop)
  const ctx = world.asClient()
  const contactId = world.contactIds[0]!
  const conversationId = world.conversationIds[0]!
  const [email, otherEmail] = ['contact-0@example.com', 'contact-1@example.com']
  const { contact, conversation, message } = middle
  const lists: [string, List][] = [
    [contact, (window) => listContacts(ctx, window)],
    [contact, (window) => listSenders(ctx, window)],
    [contact, (window) => listCorrespondents(ctx, { ...window, email })],
    [contact, (window) => listConversationsByPeer(ctx, { ...window, email })],
    [conversation, (window) => listCustomerConversations(ctx, window)],
    [conversation, (window) => listCustomerConversations(ctx, { ...window, contactId })],
    [message, (window) => listConversationMessages(ctx, { ...window, conversationId })],
    [message, (window) => listContactMessages(ctx, { ...window, contactId })],
    [message, (window) => listMessagesBetween(ctx, { ...window, emails: [email, otherEmail], fields: ['one', 'two'] })],
  ]
  for (const [startingAfter, list] of lists) {
    for (const window of [{ startingAfter: null }, { startingAfter }]) {
      const page = await list({ ...window, limit: 100 })
      assert.deepEqual([page.rows.length, page.totalCount >= ROWS], [100, true], list.toString())
    }
  }
  stop()
  assert.ok(queries.length > 30)
  for (const query of queries) await requireCheap(world, query)
})

/** As many contacts, conversations of one of them with each, and messages in one of those; gives what stands in the middle. */
async function fill({ runtime, workspaceId, contactIds, conversationIds }: CustomerWorld) {
  const [agent, busy] = [contactIds[0]!, conversationIds[0]!]
  const activity = (kind: string, owner: string, item: string) => sql`
    insert into activities (kind, owner_id, item_id, position, active_at)
    select ${kind}, ${sql.raw(owner)}, ${sql.raw(item)}, i - ${ROWS}, at from made`
  const ws = `'${workspaceId}'::uuid`
  const me = `'${agent}'::uuid`
  const statements = [
    sql`create temporary table made on commit drop as
      select gen_random_uuid() as contact_id, gen_random_uuid() as conversation_id, gen_random_uuid() as message_id, i,
        timestamptz '2026-01-01' + i * interval '1 second' as at
      from generate_series(1, ${ROWS}::int) i`,
    sql`insert into contacts (id, workspace_id, name, message_count, created_at, updated_at)
      select contact_id, ${workspaceId}, 'n' || i, 1, at, at from made`,
    sql`insert into addresses (id, workspace_id, contact_id, kind, value, created_at)
      select gen_random_uuid(), ${workspaceId}, contact_id, 'email', 'filled-' || i || '@example.com', at from made`,
    sql`insert into streams (id, kind) select conversation_id, 'conversation' from made`,
    sql`insert into conversations (id, workspace_id, kind, name, is_private, is_general, contacts_key, created_at, updated_at)
      select conversation_id, ${workspaceId}, 'customer', 'general', true, true, contact_id::text, at, at from made`,
    sql`insert into contact_participants (conversation_id, contact_id, place, joined_at)
      select conversation_id, ${agent}, 0, at from made union all select conversation_id, contact_id, 1, at from made`,
    sql`insert into messages (id, conversation_id, workspace_id, ordinal, seq, author_kind, author_id, body, created_at, updated_at)
      select message_id, ${busy}, ${workspaceId}, i, i, 'contact', ${agent}, 'n' || i, at, at from made`,
    sql`update streams set message_count = ${ROWS} where id = ${busy}`,
    sql`update contacts set message_count = ${ROWS} where id = ${agent}`,
    sql`update contact_participants set message_count = ${ROWS} where conversation_id = ${busy} and contact_id = ${agent}`,
    activity('conversations', ws, 'conversation_id'),
    activity('conversations', me, 'conversation_id'),
    activity('conversations', 'contact_id', 'conversation_id'),
    activity('senders', ws, 'contact_id'),
    activity('peers', me, 'contact_id'),
    activity('correspondents', me, 'contact_id'),
    sql`insert into list_counts as c (kind, owner_id, count)
      select kind, owner::uuid, ${ROWS} from (values ('contacts', ${workspaceId}), ('conversations', ${workspaceId}),
        ('senders', ${workspaceId}), ('conversations', ${agent}), ('peers', ${agent}), ('correspondents', ${agent})
      ) as v (kind, owner) on conflict (kind, owner_id) do update set count = c.count + excluded.count`,
  ]
  const { kysely } = runtime.core.database
  const middle = await kysely.transaction().execute(async (db) => {
    for (const statement of statements) await statement.execute(db)
    const { rows } = await sql<{ contact: string; conversation: string; message: string }>`
      select contact_id as contact, conversation_id as conversation, message_id as message from made
      where i = ${ROWS / 2}`.execute(db)
    return rows[0]!
  })
  await sql`analyze`.execute(kysely)
  return middle
}

async function requireCheap({ runtime }: CustomerWorld, query: Recorded): Promise<void> {
  const { text } = query
  const visit = (plan: Plan) => {
    const loops = plan['Actual Loops']
    const touched = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * loops
    const what = `${plan['Node Type']} ${plan['Relation Name'] ?? ''} touches ${touched} rows in ${text}`
    assert.ok(touched <= TOUCHED_MAX, what)
    // A table of a row or two is read whole.
    assert.ok(plan['Node Type'] !== 'Seq Scan' || SMALL.has(plan['Relation Name'] ?? ''), what)
    for (const part of plan.Plans ?? []) visit(part)
  }
  visit(await explain(runtime.core.database.pool, query))
}

const SMALL = new Set(['log_readers', 'list_counts', 'list_walks', 'activity_moves', 'events', 'contact_followers'])

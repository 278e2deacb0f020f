import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RawBuilder, sql } from 'kysely'
import { explain, type Plan, type Recorded, recordQueries } from '../../testing/query-plans.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { getContactConversation } from './get-contact-conversation.ts'
import { CONVERSATION_FILTERS, listContactConversations } from './list-contact-conversations.ts'
import { listTimeline } from './list-timeline.ts'
import { updateContactConversation } from './update-contact-conversation.ts'

const CONVERSATIONS = 100_000
const MESSAGES_EACH = 10
/** What a page of 50 may touch of messages, contacts and all else at any step of its plan: some hundreds, never all. */
const TOUCHED_MAX = 2_000

test(`of ${CONVERSATIONS} conversations with a million messages a page costs a page, and a total one look at each`, async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const { workspace: workspaceId } = world.ids
  const conversationId = await fill(world)
  const ctx = world.as('ada')
  const { queries, stop } = recordQueries()
  t.after(stop)
  for (const filter of CONVERSATION_FILTERS) {
    for (const sort of ['latest', 'oldest'] as const) {
      const page = await listContactConversations(ctx, { workspaceId, filter, sort, page: 2, pageSize: 50 })
      assert.deepEqual([page.rows.length, page.totalCount > 1_000], [50, true], `${filter} ${sort}`)
    }
  }
  const whatsapp = await listContactConversations(ctx, { workspaceId, transport: 'whatsapp', page: 1, pageSize: 50 })
  assert.equal(whatsapp.totalCount, CONVERSATIONS / 4)
  for (const [search, found] of [
    ['n77777', 'n77777'],
    ['N77778', 'n77778'],
    ['номер77779', 'номер77779'],
    ['filled-77781@ex', 'n77781'],
    ['5550077782', 'n77782'],
    ['parcel77783', 'n77783'],
  ] as const) {
    const { rows } = await listContactConversations(ctx, { workspaceId, search, page: 1, pageSize: 50 })
    assert.ok(
      rows.some(({ contact }) => contact.contact.name === found),
      search,
    )
  }
  const key = { workspaceId, conversationId }
  for (const page of [1, 100, 200])
    assert.equal((await listTimeline(ctx, { ...key, page, pageSize: 50 })).rows.length, 50)
  assert.equal((await getContactConversation(ctx, key)).unreadCount, 1_000)
  assert.equal((await updateContactConversation(ctx, { ...key, unreadCount: 0 })).unreadCount, 0)
  stop()
  assert.ok(queries.length > 50)
  for (const query of queries) await requireCheap(world, query)
})

/** The conversations, and in one of them 10,000 messages more; gives that one. */
async function fill({ runtime, ids: { workspace, ada } }: TestWorld): Promise<string> {
  const busy = crypto.randomUUID()
  const ws = sql`${workspace}::uuid`
  const statements: RawBuilder<unknown>[] = [
    sql`create temporary table made on commit drop as
      select gen_random_uuid() as contact_id, case when i = 1 then ${busy}::uuid else gen_random_uuid() end as id, i,
        now() - interval '30 days' + i * interval '25 seconds' as at
      from generate_series(1, ${CONVERSATIONS}::int) i`,
    sql`insert into contacts (id, workspace_id, name, created_at, updated_at)
      select contact_id, ${ws}, case when i % 100 = 79 then 'номер' else 'n' end || i, at, at from made`,
    sql`insert into addresses (id, workspace_id, contact_id, kind, value, is_primary, created_at)
      select gen_random_uuid(), ${ws}, contact_id, 'email', 'filled-' || i || '@example.com', true, at from made
      union all
      select gen_random_uuid(), ${ws}, contact_id, 'phone', '+1415' || 5550000000 + i, true, at from made`,
    sql`insert into streams (id, kind, message_count)
      select id, 'conversation', case when i = 1 then 10000 else ${MESSAGES_EACH}::int end from made`,
    sql`insert into conversations (id, workspace_id, kind, is_private, created_at, updated_at)
      select id, ${ws}, 'contact', true, at, at from made`,
    sql`insert into contact_conversations
        (conversation_id, workspace_id, contact_id, transport, active_at, inbound_ordinal, is_starred, read_ordinal)
      select id, ${ws}, contact_id, case when i % 4 = 0 then 'whatsapp' else 'sms' end, at,
        case when i = 1 then 9999 else ${MESSAGES_EACH}::int - 1 end, i % 50 = 0,
        case when i = 1 then 0 when i % 3 = 0 then 4 else ${MESSAGES_EACH}::int end
      from made`,
    sql`insert into messages
        (id, conversation_id, workspace_id, ordinal, seq, author_kind, author_id, body, created_at, updated_at)
      select gen_random_uuid(), id, ${ws}, o, o, case when o % 2 = 1 then 'contact' else 'user' end,
        case when o % 2 = 1 then contact_id else ${ada}::uuid end, 'parcel' || i, at + o * interval '1 second', at
      from made cross join lateral generate_series(1, case when i = 1 then 10000 else ${MESSAGES_EACH}::int end) o`,
    sql`insert into message_search (message_id, conversation_id, author_id, created_at, document)
      select id, conversation_id, author_id, created_at, to_tsvector('simple', body) from messages where ordinal = 1`,
  ]
  const { kysely } = runtime.core.database
  await kysely.transaction().execute(async (db) => {
    for (const statement of statements) await statement.execute(db)
  })
  await sql`vacuum analyze`.execute(kysely)
  return busy
}

/**
 * Nothing but the count of conversations goes beyond some hundreds of rows, and that looks at each once. Of a table of a row or
 * two all may be read.
 */
async function requireCheap({ runtime }: TestWorld, query: Recorded): Promise<void> {
  let counted = 0
  const visit = (plan: Plan) => {
    const relation = plan['Relation Name'] ?? ''
    const touched = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
    const what = `${plan['Node Type']} ${relation} touches ${touched} rows in ${query.text}`
    if (relation === 'contact_conversations' && touched > TOUCHED_MAX) counted += touched
    else assert.ok(touched <= TOUCHED_MAX, what)
    for (const part of plan.Plans ?? []) visit(part)
  }
  visit(await explain(runtime.core.database.pool, query))
  assert.ok(counted <= CONVERSATIONS, `${counted} conversations are looked at in ${query.text}`)
}

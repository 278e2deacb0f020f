import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import pg from 'pg'
import { TASKS } from '../../jobs/tasks.ts'
import { addMs } from '../../platform/clock.ts'
import { type ClientWorld, clientWorld, createContact, openConversation, sendAs } from '../../testing/client-world.ts'
import { SYSTEM } from '../actor.ts'
import { createContext } from '../context.ts'
import { LOG_LOCK } from '../log/append-events.ts'
import { sendMessage } from '../messages/send-message.ts'
import { ClientEventFeed } from './client-event-feed.ts'
import { copyEvents } from './copy-events.ts'
import { getClientEvent } from './get-client-event.ts'
import { type ListClientEvents, listClientEvents } from './list-client-events.ts'
import type { ClientEvent } from './schema.ts'

const NOW = '2026-03-01T12:00:00.000Z'

test('a client reads what happened to its contacts, conversations and messages, newest first, as soon as it is done', async (t) => {
  const world = await clientWorld(t)
  const { ann, ben, conversation } = await someTalk(world)
  const message = await sendAs(world.acme, { author: ann, conversation, body: 'hello' })
  const { events, hasMore, totalCount } = await listClientEvents(world.acme, { limit: 10 })
  assert.deepEqual(
    events.map(({ type }) => type),
    ['message.created', 'conversation.opened', 'contact.created', 'contact.created'],
  )
  assert.deepEqual([hasMore, totalCount], [false, 4])
  const [sent, opened, second, first] = events
  assert.deepEqual(sent?.data, { message, author: { id: ann.id, name: 'ann' } })
  const contacts = [ann, ben].map(({ id, name }) => ({ id, name }))
  assert.deepEqual(opened?.data, { conversation, contacts })
  assert.deepEqual([first?.data, second?.data], [{ contact: ann }, { contact: ben }])
  assert.deepEqual(await getClientEvent(world.acme, { eventId: sent!.id }), sent)
})

test('edits and renamings name the people too, though their events in the log do not', async (t) => {
  const world = await clientWorld(t)
  const { ann, ben, conversation } = await someTalk(world)
  const message = await sendAs(world.acme, { author: ben, conversation, body: 'hello' })
  const { workspaceId } = world.acme.actor
  await world.acme.transaction(async (ctx) => {
    ctx.record({ type: 'message.updated', streamId: conversation.id, workspaceId, data: { message } })
    ctx.record({ type: 'conversation.deleted', streamId: conversation.id, workspaceId, data: { conversation } })
  })
  const { events } = await listClientEvents(world.acme, { limit: 2 })
  const contacts = [ann, ben].map(({ id, name }) => ({ id, name }))
  assert.deepEqual(
    events.map(({ data }) => data),
    [
      { conversation, contacts },
      { message, author: { id: ben.id, name: 'ben' } },
    ],
  )
})

test('what happens in other workspaces and in other kinds of conversation is not shown', async (t) => {
  const world = await clientWorld(t)
  await sendMessage(world.as('ada'), { conversationId: world.ids.general, body: 'not for clients' })
  const { conversation } = await someTalk(world)
  const { workspaceId } = world.acme.actor
  await world.acme.transaction(async (ctx) => {
    const channel = { ...conversation, id: world.ids.general, kind: 'channel' as const }
    ctx.record({ type: 'conversation.updated', streamId: workspaceId, workspaceId, data: { conversation: channel } })
    ctx.record({ type: 'client.updated', streamId: ctx.actor.id, workspaceId, data: { clientId: ctx.actor.id } })
  })
  assert.equal((await listClientEvents(world.acme, { limit: 10 })).totalCount, 3)
  assert.deepEqual(await listClientEvents(world.mallet, { limit: 10 }), { events: [], hasMore: false, totalCount: 0 })
})

test('pages lead through all events in both directions, and types choose among them', async (t) => {
  const world = await clientWorld(t)
  const { ann, conversation } = await someTalk(world)
  for (let i = 0; i < 7; i++) await sendAs(world.acme, { author: ann, conversation, body: `m${i}` })
  const all = (await listClientEvents(world.acme, { limit: 100 })).events.map(({ id }) => id)
  assert.equal(all.length, 10)
  assert.deepEqual(await walk(world, { limit: 3 }), all)
  const back = await listClientEvents(world.acme, { limit: 3, endingBefore: all[5] })
  assert.deepEqual([back.events.map(({ id }) => id), back.hasMore], [all.slice(2, 5), true])
  const newest = await listClientEvents(world.acme, { limit: 3, endingBefore: all[2] })
  assert.deepEqual([newest.events.map(({ id }) => id), newest.hasMore], [all.slice(0, 2), false])
  const contacts = await listClientEvents(world.acme, { limit: 1, types: ['contact.created', 'contact.deleted'] })
  assert.deepEqual([contacts.events.length, contacts.hasMore, contacts.totalCount], [1, true, 2])
})

test('while others write, pages repeat nothing and leave nothing out', async (t) => {
  const world = await clientWorld(t)
  const { ann, conversation } = await someTalk(world)
  const send = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, i) => sendAs(world.acme, { author: ann, conversation, body: `m${i}` })),
    )
  await send(50)
  const before = (await listClientEvents(world.acme, { limit: 100 })).events.map(({ id }) => id)
  const [walked] = await Promise.all([walk(world, { limit: 4 }), send(50), send(50)])
  assert.equal(new Set(walked).size, walked.length)
  assert.deepEqual(walked.slice(-before.length), before)
  assert.equal((await listClientEvents(world.acme, { limit: 1 })).totalCount, 153)
})

test('an event of another client is like one that never was', async (t) => {
  const world = await clientWorld(t)
  await createContact(world.acme, 'ann')
  await createContact(world.mallet, 'eve')
  const [foreign] = (await listClientEvents(world.acme, { limit: 1 })).events
  for (const id of [foreign!.id, randomUUID()]) {
    const refused = { name: 'AppError', code: 'invalid_cursor' }
    await assert.rejects(listClientEvents(world.mallet, { limit: 1, startingAfter: id }), refused)
    await assert.rejects(listClientEvents(world.mallet, { limit: 1, endingBefore: id }), refused)
    await assert.rejects(getClientEvent(world.mallet, { eventId: id }), { code: 'event_not_found' })
  }
  const both = { limit: 1, startingAfter: foreign!.id, endingBefore: foreign!.id }
  await assert.rejects(listClientEvents(world.acme, both), { code: 'invalid_cursor' })
})

test('nodes that read at once copy everything once, and each sees its own changes at once', async (t) => {
  const world = await clientWorld(t)
  const nodes = [world.runtime, await world.openNode(), await world.openNode()]
  const { ann, conversation } = await someTalk(world)
  await Promise.all(
    nodes.map(async ({ core }) => {
      const client = world.onNode(core, world.acme)
      for (let i = 0; i < 40; i++) {
        const { id } = await sendAs(client, { author: ann, conversation, body: 'x' })
        const { events } = await listClientEvents(client, { limit: 10 })
        assert.ok(events.some((event) => messageIdOf(event) === id))
      }
    }),
  )
  const { totalCount } = await listClientEvents(world.acme, { limit: 1 })
  assert.equal(totalCount, 3 + 120)
  const { rows } = await world.runtime.core.database.pool.query(
    `select count(*) as copied, (
       select count(*) from events e where e.workspace_id = $1 and e.type <> 'contact.joined'
     ) as logged
     from client_events where workspace_id = $1`,
    [world.acme.actor.workspaceId],
  )
  assert.deepEqual(rows, [{ copied: 123, logged: 123 }])
})

test('an event whose transaction commits late is not passed over', async (t) => {
  const world = await clientWorld(t)
  const ann = await createContact(world.acme, 'ann')
  const client = new pg.Client({ connectionString: world.databaseUrl })
  await client.connect()
  await client.query('begin')
  await client.query('select pg_advisory_xact_lock($1)', [LOG_LOCK])
  await client.query(
    `insert into events (position, stream_id, seq, workspace_id, type, data, created_at)
     select nextval('event_positions'), stream_id, 2, workspace_id, 'contact.updated', data, now()
     from events where stream_id = $1`,
    [ann.id],
  )
  // It waits for the late one, so that it cannot stand before it.
  const early = createContact(world.acme, 'ben')
  assert.equal((await listClientEvents(world.acme, { limit: 10 })).totalCount, 1)
  await client.query('commit')
  await client.end()
  await early
  const { events } = await listClientEvents(world.acme, { limit: 10 })
  assert.deepEqual(
    events.map(({ type }) => type),
    ['contact.created', 'contact.updated', 'contact.created'],
  )
})

test('what is copied a second time, after a crash of the database, has the same ids and counts once', async (t) => {
  const world = await clientWorld(t)
  const { database } = world.runtime.core
  for (const name of ['ann', 'ben', 'cat']) await createContact(world.acme, name)
  const before = await listClientEvents(world.acme, { limit: 10 })
  await database.pool.query("update log_readers set position = 0 where name = 'client_events'")
  await database.pool.query('delete from client_events where position = (select max(position) from client_events)')
  await database.pool.query('update list_counts set count = count - 1')
  while ((await copyEvents(database, { at: NOW, eventsMax: 2 })).isFull);
  assert.deepEqual(await listClientEvents(world.acme, { limit: 10 }), before)
})

test('a list that cannot be brought up to date in time is refused rather than wrong', async (t) => {
  const world = await clientWorld(t)
  await listClientEvents(world.acme, { limit: 1 })
  const { database, clock, log } = world.runtime.core
  const feed = new ClientEventFeed({ database, clock, log, catchUpMs: 100 })
  const reading = await database.kysely.transaction().execute(async (db) => {
    await db.selectFrom('logReaders').select('position').where('name', '=', 'client_events').forUpdate().execute()
    await createContact(world.acme, 'ann')
    return feed.caughtUp().catch((error: unknown) => error)
  })
  assert.equal((reading as { code?: string }).code, 'overloaded')
  await feed.close()
  assert.equal((await listClientEvents(world.acme, { limit: 1 })).totalCount, 1)
})

test('events go after 30 days, but for those that are yet to be delivered and those after them', async (t) => {
  const world = await clientWorld(t)
  const { kysely } = world.runtime.core.database
  const create = async (name: string, daysAgo: number) => {
    world.setNow(addMs(NOW, -daysAgo * 24 * 60 * 60 * 1000))
    return createContact(world.acme, name)
  }
  await create('ann', 40)
  await create('ben', 31)
  await create('cat', 29)
  world.setNow(NOW)
  const { events } = await listClientEvents(world.acme, { limit: 10 })
  const { position } = await kysely
    .selectFrom('clientEvents')
    .select('position')
    .where('id', '=', events[1]!.id)
    .executeTakeFirstOrThrow()
  const delivery = { id: randomUUID(), endpointId: randomUUID(), eventId: events[1]!.id, eventType: 'contact.created' }
  const pending = { ...delivery, position, nextAttemptAt: NOW, createdAt: NOW }
  await kysely.insertInto('webhookDeliveries').values(pending).execute()
  const remove = () => TASKS.remove_old_client_events!(createContext(world.runtime.core, SYSTEM), {})
  assert.deepEqual(await remove(), { removed: 1 })
  await kysely.updateTable('webhookDeliveries').set({ status: 'failed', finishedAt: NOW }).execute()
  assert.deepEqual(await remove(), { removed: 1 })
  assert.deepEqual(await remove(), { removed: 0 })
  const left = await listClientEvents(world.acme, { limit: 10 })
  assert.deepEqual([left.events.map(({ id }) => id), left.totalCount], [[events[0]!.id], 1])
  await assert.rejects(listClientEvents(world.acme, { limit: 1, startingAfter: events[2]!.id }), {
    code: 'invalid_cursor',
  })
})

async function someTalk(world: ClientWorld) {
  const ann = await createContact(world.acme, 'ann')
  const ben = await createContact(world.acme, 'ben')
  return { ann, ben, conversation: await openConversation(world.acme, [ann, ben]) }
}

async function walk(world: ClientWorld, input: ListClientEvents): Promise<string[]> {
  const ids: string[] = []
  for (let startingAfter: string | undefined; ; startingAfter = ids.at(-1)) {
    const { events, hasMore } = await listClientEvents(world.acme, { ...input, startingAfter })
    ids.push(...events.map(({ id }) => id))
    if (!hasMore) return ids
  }
}

function messageIdOf(event: ClientEvent): string | undefined {
  return event.type === 'message.created' ? event.data.message.id : undefined
}

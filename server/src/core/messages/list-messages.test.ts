import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import type { Page } from '../page.ts'
import { type ListMessages, listMessages } from './list-messages.ts'
import type { Message } from './schema.ts'
import { sendMessage } from './send-message.ts'

const bodies = ({ rows }: Page<Message>) => rows.map(({ body }) => body)

async function send(world: TestWorld, body: string, parentId?: string): Promise<Message> {
  const { message } = await sendMessage(world.as('ada'), { conversationId: world.ids.general, body, parentId })
  return message
}

async function listAll(world: TestWorld, input: Omit<ListMessages, 'conversationId'>): Promise<string[]> {
  const all: string[] = []
  let cursor = input.cursor
  for (let pages = 0; pages < 100; pages++) {
    const page = await listMessages(world.as('bob'), { ...input, conversationId: world.ids.general, cursor })
    all.push(...bodies(page))
    if (page.nextCursor === null) return all
    cursor = page.nextCursor
  }
  throw new Error('The list has no end.')
}

test('history comes newest first, or oldest first, page by page', async (t) => {
  const world = await testWorld(t)
  for (const body of ['1', '2', '3', '4', '5']) await send(world, body)
  assert.deepEqual(await listAll(world, { limit: 2 }), ['5', '4', '3', '2', '1'])
  assert.deepEqual(await listAll(world, { limit: 2, order: 'asc' }), ['1', '2', '3', '4', '5'])
  assert.deepEqual(await listAll(world, { limit: 5 }), ['5', '4', '3', '2', '1'])
})

test('pages neither lose nor repeat a message where times are equal and others write meanwhile', async (t) => {
  const world = await testWorld(t)
  world.setNow('2026-02-01T00:00:00.000Z')
  for (let i = 1; i <= 6; i++) await send(world, `${i}`)
  const conversationId = world.ids.general
  const first = await listMessages(world.as('bob'), { conversationId, limit: 3 })
  await Promise.all(Array.from({ length: 10 }, (_, i) => send(world, `new ${i}`)))
  const rest = await listAll(world, { limit: 2, cursor: first.nextCursor })
  assert.deepEqual([...bodies(first), ...rest], ['6', '5', '4', '3', '2', '1'])
})

test('replies are left out unless asked for', async (t) => {
  const world = await testWorld(t)
  const root = await send(world, 'root')
  await send(world, 'reply', root.id)
  await send(world, 'next')
  assert.deepEqual(await listAll(world, { limit: 1 }), ['next', 'root'])
  assert.deepEqual(await listAll(world, { limit: 1, includeReplies: true }), ['next', 'reply', 'root'])
})

test('a moment stands for a cursor, and is itself left out', async (t) => {
  const world = await testWorld(t)
  const times = ['09:00:00.000', '09:00:00.001', '09:00:00.001', '09:00:00.002', '10:00:00.000']
  for (const [i, time] of times.entries()) {
    world.setNow(`2026-02-01T${time}Z`)
    await send(world, `${i + 1}`)
  }
  const cursor = '2026-02-01T09:00:00.001Z'
  assert.deepEqual(await listAll(world, { limit: 3, cursor }), ['1'])
  assert.deepEqual(await listAll(world, { limit: 3, cursor, order: 'asc' }), ['4', '5'])
  assert.deepEqual(await listAll(world, { limit: 3, cursor: '2026-01-31' }), [])
  assert.deepEqual(await listAll(world, { limit: 3, cursor: '2026-01-31', order: 'asc' }), ['1', '2', '3', '4', '5'])
  assert.deepEqual(await listAll(world, { limit: 3, cursor: '2027-01-01' }), ['5', '4', '3', '2', '1'])
  assert.deepEqual(await listAll(world, { limit: 3, cursor: '2027-01-01', order: 'asc' }), [])
})

test('a page around a message or a moment goes on in both directions', async (t) => {
  const world = await testWorld(t)
  const sent: Message[] = []
  for (let i = 1; i <= 9; i++) {
    world.setNow(`2026-02-01T0${i}:00:00.000Z`)
    sent.push(await send(world, `${i}`))
  }
  const conversationId = world.ids.general
  const around = (input: Partial<ListMessages>) => listMessages(world.as('bob'), { conversationId, limit: 4, ...input })

  const page = await around({ around: sent[4]!.id })
  assert.deepEqual(bodies(page), ['7', '6', '5', '4'])
  assert.deepEqual(bodies(await around({ cursor: page.nextCursor })), ['3', '2', '1'])
  assert.deepEqual(bodies(await around({ cursor: page.previousCursor, order: 'asc' })), ['8', '9'])

  const ascending = await around({ around: '2026-02-01T05:00:00Z', order: 'asc' })
  assert.deepEqual(bodies(ascending), ['3', '4', '5', '6'])
  assert.deepEqual(bodies(await around({ cursor: ascending.nextCursor, order: 'asc' })), ['7', '8', '9'])
  assert.deepEqual(bodies(await around({ cursor: ascending.previousCursor })), ['2', '1'])

  // Where one side ends early, the other has its room.
  assert.deepEqual(bodies(await around({ around: sent[8]!.id })), ['9', '8', '7', '6'])
  assert.deepEqual(bodies(await around({ around: sent[0]!.id })), ['4', '3', '2', '1'])
  assert.deepEqual(bodies(await around({ around: sent[0]!.id, limit: 100 })).length, 9)
})

test('around a reply is around its root where replies are left out', async (t) => {
  const world = await testWorld(t)
  const root = await send(world, 'root')
  for (const body of ['a', 'b', 'c']) await send(world, body)
  const reply = await send(world, 'reply', root.id)
  const input = { conversationId: world.ids.general, limit: 2, around: reply.id }
  assert.deepEqual(bodies(await listMessages(world.as('bob'), input)), ['a', 'root'])
  assert.deepEqual(bodies(await listMessages(world.as('bob'), { ...input, includeReplies: true })), ['reply', 'c'])
})

test('a moment finds its place among many messages', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const conversationId = world.ids.general
  await world.runtime.core.database.pool.query(
    `with head as (update streams set message_count = 5000 where id = $1)
     insert into messages (id, conversation_id, ordinal, seq, author_kind, author_id, body, created_at, updated_at)
     select gen_random_uuid(), $1, i, i, 'user', $2, i::text, at, at
     from generate_series(1, 5000) i, lateral (select '2026-01-01Z'::timestamptz + i * interval '1 minute') m (at)`,
    [conversationId, world.ids.ada],
  )
  const { history } = world.as('ada').ports
  for (const count of [0, 1, 2, 1234, 2500, 4999, 5000]) {
    const at = new Date(Date.parse('2026-01-01T00:00:30Z') + count * 60_000).toISOString()
    assert.equal(await history.countBefore(conversationId, at), count)
  }
})

test('an empty conversation has an empty history', async (t) => {
  const world = await testWorld(t)
  const empty = { rows: [], nextCursor: null, previousCursor: null }
  const input = { conversationId: world.ids.general, limit: 50 }
  assert.deepEqual(await listMessages(world.as('bob'), input), empty)
  assert.deepEqual(await listMessages(world.as('bob'), { ...input, around: '2026-01-01' }), empty)
  assert.deepEqual(await listMessages(world.as('bob'), { ...input, cursor: '2026-01-01' }), empty)
})

test('a member reads a public channel without being in it; a guest and a stranger do not', async (t) => {
  const world = await testWorld(t)
  await send(world, 'hi')
  const input = { conversationId: world.ids.general, limit: 50 }
  assert.deepEqual(bodies(await listMessages(world.as('cy'), input)), ['hi'])
  for (const name of ['gus', 'eve', 'mallory'] as const) {
    await assert.rejects(listMessages(world.as(name), input), { code: 'conversation_not_found' })
  }
})

test('nonsense for a cursor or a place is refused', async (t) => {
  const world = await testWorld(t)
  const { message } = await sendMessage(world.as('ada'), { conversationId: world.ids.secret, body: 'elsewhere' })
  const list = (input: Partial<ListMessages>) =>
    listMessages(world.as('ada'), { conversationId: world.ids.general, limit: 50, ...input })
  for (const cursor of ['x', '2026-02-31', 'W10', Buffer.from('["a"]').toString('base64url')]) {
    await assert.rejects(list({ cursor }), { code: 'invalid_cursor' })
  }
  await assert.rejects(list({ around: 'x' }), { code: 'invalid_request' })
  await assert.rejects(list({ around: message.id }), { code: 'message_not_found' })
})

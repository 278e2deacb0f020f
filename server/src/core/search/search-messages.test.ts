import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Name } from '../../testing/cast.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { openDirectConversation } from '../conversations/open-direct-conversation.ts'
import { deleteMessage } from '../messages/delete-message.ts'
import { editMessage } from '../messages/edit-message.ts'
import type { Message } from '../messages/schema.ts'
import { sendMessage } from '../messages/send-message.ts'
import { addReaction } from '../reactions/add-reaction.ts'
import { type SearchMessages, searchMessages } from './search-messages.ts'

type Channel = 'general' | 'secret' | 'otherGeneral'

async function send({ as, ids }: TestWorld, name: Name, channel: Channel, body: string): Promise<Message> {
  const { message } = await sendMessage(as(name), { conversationId: ids[channel], body })
  return message
}

async function search({ as }: TestWorld, name: Name, query: string, input: Partial<SearchMessages> = {}) {
  const { rows } = await searchMessages(as(name), { query, limit: 50, ...input })
  return rows.map(({ body }) => body)
}

test('one finds what one has just sent, edited and deleted', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'ada', 'general', 'the first draft')
  assert.deepEqual(await search(world, 'ada', 'draft'), ['the first draft'])
  await editMessage(world.as('ada'), { messageId, body: 'the final text' })
  assert.deepEqual(await search(world, 'ada', 'draft'), [])
  assert.deepEqual(await search(world, 'ada', 'final'), ['the final text'])
  await deleteMessage(world.as('ada'), { messageId })
  assert.deepEqual(await search(world, 'ada', 'final'), [])
})

test('one finds only what one can read', async (t) => {
  const world = await testWorld(t)
  await send(world, 'ada', 'general', 'plan in general')
  await send(world, 'gus', 'secret', 'plan in secret')
  await send(world, 'mallory', 'otherGeneral', 'plan elsewhere')
  const found = async (name: Name) => (await search(world, name, 'plan')).toSorted()
  assert.deepEqual(await found('ada'), ['plan in general', 'plan in secret'])
  assert.deepEqual(await found('bob'), ['plan in general'])
  assert.deepEqual(await found('cy'), ['plan in general'])
  assert.deepEqual(await found('gus'), ['plan in secret'])
  assert.deepEqual(await found('eve'), [])
  assert.deepEqual(await found('mallory'), ['plan elsewhere'])
  assert.deepEqual(await search(world, 'bob', `in:${world.ids.secret} plan`), [])
  assert.deepEqual(await search(world, 'bob', 'in:#secret plan'), [])
})

test('a search in a workspace stays in it, and that of a stranger is not found', async (t) => {
  const world = await testWorld(t)
  await send(world, 'ada', 'general', 'plan')
  await sendDirect(world, 'bob', 'plan for two')
  const { workspace, otherWorkspace } = world.ids
  assert.deepEqual(await search(world, 'ada', 'plan'), ['plan for two', 'plan'])
  assert.deepEqual(await search(world, 'ada', 'plan', { workspaceId: workspace }), ['plan'])
  await assert.rejects(search(world, 'ada', 'plan', { workspaceId: otherWorkspace }), { code: 'workspace_not_found' })
})

test('results come newest first, page by page, where times are equal too', async (t) => {
  const world = await testWorld(t)
  world.setNow('2026-02-01T00:00:00.000Z')
  for (let i = 0; i < 4; i++) await send(world, 'ada', 'general', `same time ${i}`)
  world.setNow('2026-02-02T00:00:00.000Z')
  await send(world, 'ada', 'general', 'time later')
  const all: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await searchMessages(world.as('bob'), { query: 'time', limit: 2, cursor })
    all.push(...page.rows.map(({ body }) => body))
    if (cursor === undefined) await send(world, 'ada', 'general', 'time meanwhile')
    cursor = page.nextCursor
  }
  assert.equal(all[0], 'time later')
  assert.deepEqual(
    all.slice(1).toSorted(),
    [0, 1, 2, 3].map((i) => `same time ${i}`),
  )
})

test('from: and in: narrow by people and places', async (t) => {
  const world = await testWorld(t)
  await send(world, 'ada', 'general', 'x general')
  await send(world, 'bob', 'general', 'x by bob')
  await send(world, 'ada', 'secret', 'x secret')
  await sendDirect(world, 'bob', 'x direct')
  await sendDirect(world, 'ada', 'x note')
  const found = async (query: string) => (await search(world, 'ada', query)).toSorted()
  assert.deepEqual(await found('from:@bob'), ['x by bob'])
  assert.deepEqual(await found('from:me x in:#general'), ['x general'])
  assert.deepEqual(await found('from:me from:bob in:general'), ['x by bob', 'x general'])
  assert.deepEqual(await found('from:nobody'), [])
  assert.deepEqual(await found('in:secret'), ['x secret'])
  assert.deepEqual(await found('in:@bob'), ['x direct'])
  assert.deepEqual(await found('in:@me'), ['x note'])
  assert.deepEqual(await found('in:@ada'), ['x note'])
  assert.deepEqual(await found('in:@cy'), [])
  assert.deepEqual(await found(`in:${world.ids.secret} in:@bob`), ['x direct', 'x secret'])
})

test('dates and has: narrow too', async (t) => {
  const world = await testWorld(t)
  const ids: string[] = []
  const bodies = ['see https://example.com', 'hi @bob', 'plain', 'root']
  for (const [i, body] of bodies.entries()) {
    world.setNow(`2026-02-0${i + 1}T23:59:59.999Z`)
    ids.push((await send(world, 'ada', 'general', body)).id)
  }
  const conversationId = world.ids.general
  await addReaction(world.as('bob'), { messageId: ids[2]!, content: '👍' })
  await sendMessage(world.as('bob'), { conversationId, body: 'reply', parentId: ids[3] })
  const fileId = await addFile(world)
  await sendMessage(world.as('ada'), { conversationId, body: '', fileIds: [fileId] })
  const found = (query: string) => search(world, 'ada', query)
  assert.deepEqual(await found('has:link'), ['see https://example.com'])
  assert.deepEqual(await found('has:mention'), ['hi @bob'])
  assert.deepEqual(await found('has:reaction'), ['plain'])
  assert.deepEqual(await found('has:thread'), ['root'])
  assert.deepEqual(await found('has:file'), [''])
  assert.deepEqual(await found('quarterly rep'), [''])
  assert.deepEqual(await found('has:link has:mention'), [])
  assert.deepEqual(await found('before:2026-02-02'), ['see https://example.com'])
  assert.deepEqual(await found('on:2026-02-02'), ['hi @bob'])
  assert.deepEqual(await found('after:2026-02-03 from:ada has:thread'), ['root'])
})

test('a query that asks for nothing, or for what cannot be, is refused', async (t) => {
  const world = await testWorld(t)
  for (const query of ['', '   ', '?!', 'has:x', 'before:x']) {
    await assert.rejects(search(world, 'ada', query), { code: 'invalid_request' })
  }
  await assert.rejects(search(world, 'ada', 'x', { cursor: 'WzFd' }), { code: 'invalid_cursor' })
})

async function sendDirect({ as, ids }: TestWorld, to: Name, body: string) {
  const { id } = await openDirectConversation(as('ada'), { userId: ids[to] })
  await sendMessage(as('ada'), { conversationId: id, body })
}

async function addFile({ as, ids }: TestWorld): Promise<string> {
  const ctx = as('ada')
  const [id, now] = [ctx.newId(), ctx.now()]
  const file = {
    id,
    uploaderUserId: ids.ada,
    name: 'Quarterly Report.pdf',
    contentType: 'application/pdf',
    sizeBytes: 1,
  }
  await ctx.db
    .insertInto('files')
    .values({ ...file, createdAt: now, completedAt: now })
    .execute()
  return id
}

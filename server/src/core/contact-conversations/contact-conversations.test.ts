import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { createTimelines, type Timelines } from '../../testing/timelines.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { deleteContactConversation } from './delete-contact-conversation.ts'
import { getContactConversation } from './get-contact-conversation.ts'
import { type ListContactConversations, listContactConversations } from './list-contact-conversations.ts'
import { listTimeline } from './list-timeline.ts'
import type { ContactConversation } from './schema.ts'
import { UNREAD_MAX, updateContactConversation } from './update-contact-conversation.ts'

const NOW = '2026-03-10T12:00:00.000Z'

type World = TestWorld & Timelines & { workspaceId: string }

async function timelineWorld(t: TestContext): Promise<World> {
  const world = await testWorld(t)
  world.setNow(NOW)
  return { ...world, ...createTimelines(world.runtime.core), workspaceId: world.ids.workspace }
}

const keyOf = ({ conversation: { id, workspaceId } }: ContactConversation) => ({ workspaceId, conversationId: id })

/** The names on a page, in its order. */
async function names({ as, workspaceId }: World, query: Partial<ListContactConversations> = {}): Promise<string[]> {
  const { rows } = await listContactConversations(as('bob'), { workspaceId, page: 1, pageSize: 50, ...query })
  return rows.map(({ contact }) => contact.contact.name)
}

async function unreadOf({ as }: World, conversation: ContactConversation): Promise<number> {
  return (await getContactConversation(as('bob'), keyOf(conversation))).unreadCount
}

test('a list shows what was active last first, with its last message and the transport that it went over', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear, tell, ids } = world
  const carol = await meet({ workspaceId, name: 'Carol', phone: '+14155550101' })
  const dan = await meet({ workspaceId, name: 'Dan', email: 'dan@example.com' })
  await hear(carol, { body: 'hello', at: addMs(NOW, 1_000) })
  await tell(dan, {
    body: 'dear Dan',
    transport: 'email',
    carrier: 'sendgrid',
    authorId: ids.ada,
    at: addMs(NOW, 2_000),
  })
  await meet({ workspaceId, name: 'Erin' })
  assert.deepEqual(await names(world), ['Dan', 'Carol', 'Erin'])
  assert.deepEqual(await names(world, { sort: 'oldest' }), ['Erin', 'Carol', 'Dan'])
  await hear(carol, { body: 'on WhatsApp now', transport: 'whatsapp', at: addMs(NOW, 3_000) })
  const { rows, totalCount } = await listContactConversations(world.as('cy'), { workspaceId, page: 1, pageSize: 2 })
  const shown = rows.map(({ contact, transport, lastMessage, unreadCount }) => [
    ...[contact.contact.name, transport, unreadCount, lastMessage?.message.body, lastMessage?.transport],
  ])
  assert.deepEqual(shown, [
    ['Carol', 'whatsapp', 2, 'on WhatsApp now', 'whatsapp'],
    ['Dan', 'email', 0, 'dear Dan', 'email'],
  ])
  assert.equal(totalCount, 3)
  assert.deepEqual(await names(world, { page: 2, pageSize: 2 }), ['Erin'])
  assert.deepEqual(await names(world, { page: 3, pageSize: 2 }), [])
  assert.deepEqual(await names(world, { transport: 'whatsapp' }), ['Carol'])
  assert.deepEqual(await names(world, { transport: 'email' }), ['Dan'])
  // Before the first message, what the contact can be reached by.
  assert.deepEqual(await names(world, { transport: 'sms' }), ['Erin'])
})

test('of messages that are written in one batch, the newest says which transport was used last', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear, tell, ids } = world
  const [carol, dan] = [await meet({ workspaceId, name: 'Carol' }), await meet({ workspaceId, name: 'Dan' })]
  await Promise.all([
    hear(carol, { body: 'one', transport: 'whatsapp' }),
    hear(dan, { body: 'mine' }),
    hear(carol, { body: 'two', transport: 'whatsapp' }),
    tell(carol, { body: 'ours', transport: 'email', authorId: ids.ada }),
    tell(dan, { body: 'yours', transport: 'whatsapp', authorId: ids.ada }),
  ])
  assert.deepEqual(await names(world, { transport: 'email' }), ['Carol'])
  assert.deepEqual(await names(world, { transport: 'whatsapp' }), ['Dan'])
  assert.deepEqual([await unreadOf(world, carol), await unreadOf(world, dan)], [2, 1])
})

test('filters show what is unread, what was active in the last seven days, and what has a star', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear, tell, ids, as } = world
  world.setNow(addMs(NOW, -30 * 24 * 3_600_000))
  const [old, quiet] = [await meet({ workspaceId, name: 'Old' }), await meet({ workspaceId, name: 'Quiet' })]
  await hear(old, 'long ago')
  world.setNow(NOW)
  await meet({ workspaceId, name: 'New' })
  await tell(quiet, { body: 'we wrote', authorId: ids.ada })
  await updateContactConversation(as('bob'), { ...keyOf(old), isStarred: true })
  assert.deepEqual(await names(world, { filter: 'unread' }), ['Old'])
  assert.deepEqual((await names(world, { filter: 'recents' })).sort(), ['New', 'Quiet'])
  assert.deepEqual(await names(world, { filter: 'starred' }), ['Old'])
  assert.equal((await names(world, { filter: 'all' })).length, 3)
  assert.deepEqual(await names(world, { filter: 'starred', transport: 'email' }), [])
})

test('pages that are turned while others write pass over nothing that did not move', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear } = world
  const all = []
  for (let i = 0; i < 9; i++) {
    world.setNow(addMs(NOW, i))
    all.push(await meet({ workspaceId, name: `n${i}` }))
  }
  const seen = await names(world, { pageSize: 3 })
  await hear(all[0]!, { body: 'moves to the front', at: addMs(NOW, 100) })
  for (const page of [2, 3, 4]) seen.push(...(await names(world, { pageSize: 3, page })))
  assert.deepEqual(new Set(seen), new Set(['n8', 'n7', 'n6', 'n5', 'n4', 'n3', 'n2', 'n1']))
})

test('unread counts what the contact wrote since the team read, and what somebody kept unread', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear, tell, ids, as, runtime } = world
  const carol = await meet({ workspaceId, name: 'Carol' })
  const key = keyOf(carol)
  for (const body of ['one', 'two']) await hear(carol, body)
  await tell(carol, { body: 'ours', authorId: ids.ada })
  const third = await hear(carol, 'three')
  assert.equal(await unreadOf(world, carol), 3)

  assert.equal((await updateContactConversation(as('bob'), { ...key, unreadCount: 0 })).unreadCount, 0)
  assert.deepEqual([await unreadOf(world, carol), await names(world, { filter: 'unread' })], [0, []])
  await tell(carol, { body: 'ours again', authorId: ids.ada })
  assert.equal(await unreadOf(world, carol), 0)
  await hear(carol, 'four')
  assert.equal(await unreadOf(world, carol), 1)

  const kept = await updateContactConversation(as('ada'), { ...key, unreadCount: 5 })
  assert.deepEqual([kept.unreadCount, await unreadOf(world, carol)], [5, 5])
  await hear(carol, 'five')
  assert.equal(await unreadOf(world, carol), 6)
  assert.deepEqual(await names(world, { filter: 'unread' }), ['Carol'])

  await updateContactConversation(as('bob'), { ...key, unreadCount: 0 })
  for (let i = 0; i < 3; i++) await hear(carol, `later ${i}`)
  await runtime.core.database.kysely
    .updateTable('messages')
    .set({ deletedAt: NOW })
    .where('body', '=', 'later 1')
    .execute()
  assert.equal(await unreadOf(world, carol), 2)
  assert.ok(third.ordinal > 0)
  await runtime.core.database.kysely
    .updateTable('messages')
    .set({ deletedAt: null })
    .where('body', '=', 'later 1')
    .execute()
})

test('of many who read and write at once, every message of the contact is either read or counted', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear, as } = world
  const carol = await meet({ workspaceId, name: 'Carol' })
  const read = () => updateContactConversation(as('bob'), { ...keyOf(carol), unreadCount: 0 })
  await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? read() : hear(carol, `n${i}`))))
  const { readOrdinal, unreadCount } = await getContactConversation(as('bob'), keyOf(carol))
  assert.equal(unreadCount, 30 - readOrdinal)
  await read()
  assert.equal(await unreadOf(world, carol), 0)
})

test('a change is announced once to those who follow the conversation, and none announces nothing', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear, as, events } = world
  const carol = await meet({ workspaceId, name: 'Carol' })
  const key = keyOf(carol)
  const changes = async () => (await events()).filter(({ type }) => type === 'contact_conversation.updated')
  await updateContactConversation(as('bob'), { ...key, isStarred: true })
  await updateContactConversation(as('ada'), { ...key, isStarred: true, unreadCount: 0 })
  await updateContactConversation(as('ada'), key)
  assert.equal((await changes()).length, 1)
  await hear(carol, 'hello')
  await updateContactConversation(as('ada'), { ...key, unreadCount: 0 })
  const [, read] = await changes()
  const state = { ...{ conversationId: key.conversationId, contactId: carol.contactId }, isStarred: true }
  assert.deepEqual(
    [read?.streamId, read?.data],
    [key.conversationId, { state: { ...state, readOrdinal: 1, keptUnread: 0 } }],
  )
  for (const unreadCount of [-1, 1.5, Number.NaN, UNREAD_MAX + 1]) {
    await assert.rejects(updateContactConversation(as('ada'), { ...key, unreadCount }), { code: 'invalid_request' })
  }
})

test('a deleted conversation is gone with its history, and the contact begins anew', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear, open, as, events } = world
  const carol = await meet({ workspaceId, name: 'Carol', phone: '+14155550101' })
  await hear(carol, 'a secret of before')
  await deleteContactConversation(as('bob'), keyOf(carol))
  const gone = { code: 'conversation_not_found' }
  await assert.rejects(getContactConversation(as('bob'), keyOf(carol)), gone)
  await assert.rejects(listTimeline(as('bob'), { ...keyOf(carol), page: 1, pageSize: 50 }), gone)
  await assert.rejects(updateContactConversation(as('bob'), { ...keyOf(carol), isStarred: true }), gone)
  await assert.rejects(deleteContactConversation(as('bob'), keyOf(carol)), gone)
  assert.deepEqual([await names(world), await names(world, { search: 'secret' })], [[], []])
  assert.equal((await events()).at(-1)?.type, 'conversation.deleted')

  const [anew, again] = await Promise.all([
    open(carol.conversation && { workspaceId, contactId: carol.contactId }),
    open({ workspaceId, contactId: carol.contactId }),
  ])
  assert.equal(anew.conversation.id, again.conversation.id)
  assert.notEqual(anew.conversation.id, carol.conversation.id)
  await hear(anew, 'hello again')
  const page = await listTimeline(as('bob'), { ...keyOf(anew), page: 1, pageSize: 50 })
  assert.deepEqual(
    page.rows.map(({ message }) => message.body),
    ['hello again'],
  )
  assert.deepEqual(await names(world), ['Carol'])
})

test('page 1 of the messages is the newest, each page has its oldest first, and a moment narrows them', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, hear, as } = world
  const carol = await meet({ workspaceId, name: 'Carol' })
  for (let i = 1; i <= 7; i++) await hear(carol, { body: `n${i}`, at: addMs(NOW, i * 1_000) })
  const read = async (query: Partial<Parameters<typeof listTimeline>[1]>) => {
    const { rows, totalCount } = await listTimeline(as('bob'), { ...keyOf(carol), page: 1, pageSize: 3, ...query })
    return [rows.map(({ message }) => message.body).join(' '), totalCount]
  }
  assert.deepEqual(await read({}), ['n5 n6 n7', 7])
  assert.deepEqual(await read({ page: 2 }), ['n2 n3 n4', 7])
  assert.deepEqual(await read({ page: 3 }), ['n1', 7])
  assert.deepEqual(await read({ page: 4 }), ['', 7])
  const at = (second: number) => addMs(NOW, second * 1_000)
  assert.deepEqual(await read({ before: at(4) }), ['n1 n2 n3', 3])
  assert.deepEqual(await read({ after: at(5) }), ['n6 n7', 2])
  assert.deepEqual(await read({ after: at(1), before: at(7), page: 2 }), ['n2 n3', 5])
  assert.deepEqual(await read({ after: at(5), before: at(3) }), ['', 0])
  await hear(carol, { body: 'n8', at: at(8) })
  // What is paged from a moment backwards is not pushed on by what comes.
  assert.deepEqual(await read({ before: at(8), page: 2 }), ['n2 n3 n4', 7])
})

test('only members other than guests see conversations; strangers learn nothing of them', async (t) => {
  const world = await timelineWorld(t)
  const { workspaceId, meet, as, ids } = world
  const carol = await meet({ workspaceId, name: 'Carol' })
  const operations = (name: 'gus' | 'eve' | 'mallory', key = keyOf(carol)) => {
    const list = { workspaceId: key.workspaceId, page: 1, pageSize: 50 }
    return [
      () => getContactConversation(as(name), key),
      () => listTimeline(as(name), { ...key, page: 1, pageSize: 50 }),
      () => updateContactConversation(as(name), { ...key, isStarred: true }),
      () => deleteContactConversation(as(name), key),
      () => listContactConversations(as(name), list),
      () => listContactConversations(as(name), { ...list, search: 'carol' }),
    ]
  }
  for (const attempt of operations('gus')) await assert.rejects(attempt(), { code: 'permission_denied' })
  for (const attempt of operations('eve')) await assert.rejects(attempt(), { code: 'workspace_not_found' })
  const stolen = operations('mallory', { ...keyOf(carol), workspaceId: ids.otherWorkspace })
  for (const attempt of stolen.slice(0, 4)) await assert.rejects(attempt(), { code: 'conversation_not_found' })
  for (const channel of [ids.general, ids.secret, workspaceId]) {
    const refused = getContactConversation(as('ada'), { workspaceId, conversationId: channel })
    await assert.rejects(refused, { code: 'conversation_not_found' })
  }
})

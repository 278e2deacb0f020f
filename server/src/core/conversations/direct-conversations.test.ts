import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { deleteMessage } from '../messages/delete-message.ts'
import { listMessages } from '../messages/list-messages.ts'
import { sendMessage } from '../messages/send-message.ts'
import { addMember } from '../workspaces/add-member.ts'
import { removeMember } from '../workspaces/remove-member.ts'
import { addParticipant } from './add-participant.ts'
import { findDirectConversation } from './find-direct-conversation.ts'
import { getConversation } from './get-conversation.ts'
import { listDirectConversations } from './list-direct-conversations.ts'
import { openDirectConversation } from './open-direct-conversation.ts'
import { removeParticipant } from './remove-participant.ts'

type Name = Parameters<TestWorld['as']>[0]

async function write({ as, ids }: TestWorld, from: Name, to: Name, body = 'hi') {
  const { id: conversationId } = await openDirectConversation(as(from), { userId: ids[to] })
  return (await sendMessage(as(from), { conversationId, body })).message
}

test('two people have one conversation, whoever opens it, and both hear of it', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const opened = await openDirectConversation(as('ada'), { userId: ids.bob })
  assert.deepEqual([opened.kind, opened.isPrivate, opened.workspaceId], ['direct', true, null])
  assert.deepEqual(await openDirectConversation(as('bob'), { userId: ids.ada }), opened)
  assert.deepEqual(
    (await events()).map(({ type, streamId }) => [type, streamId]),
    [
      ['participant.joined', opened.id],
      ['conversation.joined', ids.ada],
      ['participant.joined', opened.id],
      ['conversation.joined', ids.bob],
    ],
  )
})

test('the first messages of two people who write to each other at once are in one conversation', async (t) => {
  const world = await testWorld(t)
  const written = await Promise.all([
    write(world, 'ada', 'bob', 'from ada'),
    write(world, 'bob', 'ada', 'from bob'),
    write(world, 'ada', 'bob', 'again'),
  ])
  assert.equal(new Set(written.map(({ conversationId }) => conversationId)).size, 1)
  assert.deepEqual(written.map(({ ordinal }) => ordinal).sort(), [1, 2, 3])
  const { kysely } = world.runtime.core.database
  const rows = await kysely.selectFrom('conversations').select('id').where('kind', '=', 'direct').execute()
  assert.equal(rows.length, 1)
})

test('a conversation with oneself is a notebook', async (t) => {
  const world = await testWorld(t)
  const message = await write(world, 'eve', 'eve', 'note to self')
  const { rows } = await listDirectConversations(world.as('eve'), { limit: 10 })
  assert.deepEqual(
    rows.map(({ user, unreadCount, lastMessage }) => [user.username, unreadCount, lastMessage?.id]),
    [['eve', 0, message.id]],
  )
})

test('whom one shares no workspace with does not exist', async (t) => {
  const { as, ids, events } = await testWorld(t)
  for (const userId of [ids.eve, ids.mallory, ids.general]) {
    await assert.rejects(openDirectConversation(as('ada'), { userId }), { code: 'user_not_found', param: 'user_id' })
    await assert.rejects(findDirectConversation(as('ada'), { userId }), { code: 'user_not_found' })
  }
  assert.deepEqual(await events(), [])
})

test('who shares no workspace any more reads what was said, and says no more until they share one again', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const { conversationId } = await write(world, 'bob', 'ada')
  await removeMember(as('ada'), { workspaceId: ids.workspace, userId: ids.bob })
  for (const name of ['ada', 'bob'] as const) {
    const { rows } = await listMessages(as(name), { conversationId, limit: 10 })
    assert.equal(rows.length, 1)
    await assert.rejects(write(world, name, name === 'ada' ? 'bob' : 'ada'), { code: 'conversation_closed' })
  }
  await addMember(as('ada'), { workspaceId: ids.workspace, userId: ids.bob })
  await write(world, 'bob', 'ada')
})

test('nobody else comes into a direct conversation, and nobody leaves it', async (t) => {
  const { as, ids } = await testWorld(t)
  const { id: conversationId } = await openDirectConversation(as('ada'), { userId: ids.bob })
  const denied = { code: 'permission_denied' }
  await assert.rejects(addParticipant(as('ada'), { conversationId, userId: ids.cy }), denied)
  await assert.rejects(removeParticipant(as('ada'), { conversationId, userId: ids.ada }), denied)
  await assert.rejects(getConversation(as('cy'), { conversationId }), { code: 'conversation_not_found' })
})

test('one lists the conversations in which somebody wrote, and those that one opened', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  await openDirectConversation(as('ada'), { userId: ids.bob })
  const list = async (name: Name) => (await listDirectConversations(as(name), { limit: 10 })).rows
  assert.equal((await list('ada')).length, 1)
  assert.equal((await list('bob')).length, 0)
  const kept = await write(world, 'ada', 'bob', 'kept')
  const deleted = await write(world, 'ada', 'bob', 'deleted')
  await deleteMessage(as('ada'), { messageId: deleted.id })
  const [row] = await list('bob')
  assert.equal(row?.user.username, 'ada')
  assert.equal(row?.unreadCount, 1)
  assert.equal(row?.lastMessage?.id, kept.id)
  assert.equal(row?.lastMessageAt, deleted.createdAt)
})

test('the latest activity comes first', async (t) => {
  const world = await testWorld(t)
  const { as, setNow } = world
  for (const [i, name] of (['bob', 'cy', 'gus', 'bob'] as const).entries()) {
    setNow(`2026-02-01T00:00:0${i}.000Z`)
    await write(world, name, 'ada')
  }
  const { rows } = await listDirectConversations(as('ada'), { limit: 10 })
  assert.deepEqual(
    rows.map(({ user }) => user.username),
    ['bob', 'gus', 'cy'],
  )
})

test('pages lose and repeat nothing while people write, even with equal times', async (t) => {
  const world = await testWorld(t)
  const { as, ids, setNow } = world
  setNow('2026-02-01T00:00:00.000Z')
  for (const name of ['bob', 'cy', 'gus', 'ada'] as const) await write(world, name, 'ada')
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page = await listDirectConversations(as('ada'), { limit: 1, cursor })
    seen.push(...page.rows.map(({ user }) => user.username))
    cursor = page.nextCursor
    // All four become active again, those that were shown and those that were not; some at a later time.
    setNow(`2026-02-01T00:00:0${seen.length % 2}.000Z`)
    for (const name of ['bob', 'cy', 'gus', 'ada'] as const) await write(world, name, 'ada', `again ${seen.length}`)
  } while (cursor !== null)
  assert.deepEqual(seen.sort(), ['ada', 'bob', 'cy', 'gus'])
  const foreign = Buffer.from(JSON.stringify([ids.ada])).toString('base64url')
  await assert.rejects(listDirectConversations(as('ada'), { limit: 1, cursor: foreign }), { code: 'invalid_cursor' })
})

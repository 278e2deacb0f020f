import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { deleteMessage } from '../messages/delete-message.ts'
import { sendMessage } from '../messages/send-message.ts'
import { addParticipant } from './add-participant.ts'
import { getConversation } from './get-conversation.ts'
import { markRead } from './mark-read.ts'

async function say({ as, ids }: TestWorld, name: 'ada' | 'bob', body: string) {
  const { message } = await sendMessage(as(name), { conversationId: ids.general, body })
  return message
}

test('unread are the messages of others since one has read, without the deleted ones', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const conversationId = ids.general
  const unread = async () => (await getConversation(as('bob'), { conversationId })).unreadCount
  const first = await say(world, 'ada', 'one')
  const second = await say(world, 'ada', 'two')
  await say(world, 'bob', 'three')
  await say(world, 'ada', 'four')
  assert.equal(await unread(), 3)
  await deleteMessage(as('ada'), { messageId: second.id })
  assert.equal(await unread(), 2)
  const position = await markRead(as('bob'), { conversationId, messageId: first.id })
  assert.deepEqual(position, { conversationId, readOrdinal: 1, unreadCount: 1 })
  assert.deepEqual(await markRead(as('bob'), { conversationId }), { conversationId, readOrdinal: 4, unreadCount: 0 })
  assert.equal(await unread(), 0)
})

test('a read position never moves back, nor past the newest message, and is told once', async (t) => {
  const world = await testWorld(t)
  const { as, ids, events } = world
  const conversationId = ids.general
  const first = await say(world, 'ada', 'one')
  await say(world, 'ada', 'two')
  assert.equal((await markRead(as('bob'), { conversationId, ordinal: 1_000_000 })).readOrdinal, 2)
  assert.equal((await markRead(as('bob'), { conversationId, messageId: first.id })).readOrdinal, 2)
  const read = (await events()).filter(({ type }) => type === 'conversation.read')
  assert.deepEqual(
    read.map(({ streamId, data }) => ({ streamId, data })),
    [{ streamId: ids.bob, data: { conversationId, readOrdinal: 2 } }],
  )
})

test('two devices that read at once end at the later message', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const conversationId = ids.general
  const first = await say(world, 'ada', 'one')
  const second = await say(world, 'ada', 'two')
  await Promise.all([first, second].map(({ id }) => markRead(as('bob'), { conversationId, messageId: id })))
  assert.equal((await markRead(as('bob'), { conversationId, messageId: first.id })).readOrdinal, 2)
})

test('a newcomer has read what stands there', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const conversationId = ids.general
  await say(world, 'ada', 'one')
  await addParticipant(as('cy'), { conversationId })
  assert.equal((await getConversation(as('cy'), { conversationId })).unreadCount, 0)
  await say(world, 'bob', 'two')
  assert.equal((await getConversation(as('cy'), { conversationId })).unreadCount, 1)
})

test('a message of another conversation is no place to read up to, and who is not in it reads nothing', async (t) => {
  const { as, ids } = await testWorld(t)
  const { message } = await sendMessage(as('mallory'), { conversationId: ids.otherGeneral, body: 'mine' })
  const foreign = markRead(as('bob'), { conversationId: ids.general, messageId: message.id })
  await assert.rejects(foreign, { code: 'message_not_found' })
  await assert.rejects(markRead(as('cy'), { conversationId: ids.general }), { code: 'participant_not_found' })
  await assert.rejects(markRead(as('eve'), { conversationId: ids.general }), { code: 'conversation_not_found' })
})

test('unread messages are counted up to a thousand', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  await Promise.all(Array.from({ length: 1_010 }, (_, i) => say(world, 'ada', `m${i}`)))
  assert.equal((await getConversation(as('bob'), { conversationId: ids.general })).unreadCount, 1_000)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { getMessage } from './get-message.ts'
import { listReplies } from './list-replies.ts'
import { sendMessage } from './send-message.ts'

async function startThread({ as, ids }: TestWorld, replies: number) {
  const conversationId = ids.general
  const { message: root } = await sendMessage(as('ada'), { conversationId, body: 'root' })
  const sent = []
  for (let i = 1; i <= replies; i++) {
    const { message } = await sendMessage(as('bob'), { conversationId, body: `${i}`, parentId: root.id })
    sent.push(message)
  }
  return { root, replies: sent }
}

test('replies come oldest first, page by page, and the root counts them', async (t) => {
  const world = await testWorld(t)
  const { root, replies } = await startThread(world, 3)
  const first = await listReplies(world.as('cy'), { messageId: root.id, limit: 2 })
  const second = await listReplies(world.as('cy'), { messageId: root.id, limit: 2, cursor: first.nextCursor })
  assert.deepEqual([...first.rows, ...second.rows], replies)
  assert.equal(second.nextCursor, null)
  const newest = await listReplies(world.as('cy'), { messageId: root.id, limit: 1, order: 'desc' })
  assert.deepEqual(newest.rows, [replies[2]])
  const after = replies[0]!.createdAt
  const later = await listReplies(world.as('cy'), { messageId: root.id, limit: 9, cursor: after })
  assert.deepEqual(
    later.rows,
    replies.filter(({ createdAt }) => createdAt > after),
  )
  const { replyCount, lastReplyAt } = await getMessage(world.as('cy'), { messageId: root.id })
  assert.deepEqual({ replyCount, lastReplyAt }, { replyCount: 3, lastReplyAt: replies[2]!.createdAt })
})

test('a reply to a reply belongs to the root, so a reply has none of its own', async (t) => {
  const world = await testWorld(t)
  const { root, replies } = await startThread(world, 1)
  const nested = { conversationId: world.ids.general, body: 'deeper', parentId: replies[0]!.id }
  const { message } = await sendMessage(world.as('ada'), nested)
  assert.equal(message.rootId, root.id)
  const list = (messageId: string) => listReplies(world.as('ada'), { messageId, limit: 9 })
  assert.deepEqual((await list(root.id)).rows, [replies[0], message])
  assert.deepEqual((await list(replies[0]!.id)).rows, [])
})

test('a parent of another conversation is refused', async (t) => {
  const world = await testWorld(t)
  const { root } = await startThread(world, 0)
  const elsewhere = { conversationId: world.ids.secret, body: 'hi', parentId: root.id }
  await assert.rejects(sendMessage(world.as('ada'), elsewhere), {
    code: 'thread_root_not_found',
    param: 'parent_message_id',
  })
})

test('who cannot read the conversation finds neither the message nor its replies', async (t) => {
  const world = await testWorld(t)
  const { root } = await startThread(world, 1)
  for (const name of ['gus', 'eve', 'mallory'] as const) {
    const refused = { code: 'message_not_found' }
    await assert.rejects(getMessage(world.as(name), { messageId: root.id }), refused)
    await assert.rejects(listReplies(world.as(name), { messageId: root.id, limit: 9 }), refused)
  }
  await assert.rejects(getMessage(world.as('ada'), { messageId: world.ids.ada }), { code: 'message_not_found' })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { sendMessage } from './send-message.ts'

test('a message is announced to its conversation', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const { message } = await sendMessage(as('ada'), { conversationId: ids.general, body: 'hello' })
  assert.deepEqual(
    (await events()).map(({ type, streamId, seq, data }) => ({ type, streamId, seq, data })),
    [{ type: 'message.created', streamId: ids.general, seq: 1, data: { message } }],
  )
})

test('a stranger cannot tell a conversation from a missing one', async (t) => {
  const { as, ids, events } = await testWorld(t)
  for (const name of ['eve', 'mallory', 'bob'] as const) {
    const sent = sendMessage(as(name), { conversationId: ids.secret, body: 'let me in' })
    await assert.rejects(sent, { code: 'conversation_not_found' })
  }
  assert.deepEqual(await events(), [])
})

test('a mention notifies the mentioned person, who need not be in the channel', async (t) => {
  const { as, ids, events } = await testWorld(t)
  await sendMessage(as('ada'), { conversationId: ids.general, body: 'look, @cy and @eve' })
  const types = (await events()).map(({ type, streamId }) => [type, streamId])
  assert.deepEqual(types, [
    ['message.created', ids.general],
    ['notification.created', ids.cy],
  ])
})

test('the first message of a member to a public channel makes them join it', async (t) => {
  const { as, ids, events } = await testWorld(t)
  await sendMessage(as('cy'), { conversationId: ids.general, body: 'hi' })
  assert.deepEqual(
    (await events()).map(({ type }) => type),
    ['participant.joined', 'conversation.joined', 'message.created'],
  )
})

test('two sends with one client id are one message', async (t) => {
  const { as, ids } = await testWorld(t)
  const send = () => sendMessage(as('ada'), { conversationId: ids.general, body: 'once', clientId: 'c1' })
  const [first, second] = await Promise.all([send(), send()])
  const third = await send()
  assert.equal(first.message.id, second.message.id)
  assert.deepEqual(third, { message: first.message, isRepeat: true })
})

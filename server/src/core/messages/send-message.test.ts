import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPool } from '../../platform/database/database.ts'
import { testWorld } from '../../testing/world.ts'
import { MessageWriter } from './message-writer.ts'
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

test('only the nearest reason notifies a person, and nobody is notified of their own message', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const conversationId = ids.general
  const { message: root } = await sendMessage(as('ada'), { conversationId, body: 'root' })
  await sendMessage(as('bob'), { conversationId, body: 'reply', parentId: root.id })
  await sendMessage(as('cy'), { conversationId, body: '@ada @cy @channel look', parentId: root.id })
  const notices = (await world.events()).flatMap((event) => {
    if (event.type !== 'notification.created') return []
    const { recipientUserId, actorUserId, type } = event.data.notification
    return [{ recipientUserId, actorUserId, type }]
  })
  assert.deepEqual(notices, [
    { recipientUserId: ids.ada, actorUserId: ids.bob, type: 'thread_reply' },
    { recipientUserId: ids.ada, actorUserId: ids.cy, type: 'mention' },
    { recipientUserId: ids.bob, actorUserId: ids.cy, type: 'mention' },
  ])
})

test('text that cannot be stored byte for byte is refused', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const send = (input: object) => sendMessage(as('ada'), { conversationId: ids.general, body: 'x', ...input })
  const refused = { code: 'invalid_request' }
  for (const text of ['\0', 'a\ud83d']) {
    await assert.rejects(send({ body: text }), refused)
    await assert.rejects(send({ clientId: text }), refused)
  }
  await assert.rejects(send({ body: ' \n\t' }), { code: 'message_empty' })
  assert.deepEqual(await events(), [])
  const body = '  Zürich 👩‍👩‍👧‍👦 <b>&amp;</b>\r\n\u0007\u202e \\u0000 '
  assert.equal((await send({ body })).message.body, body)
})

test('a client id is the sender’s own', async (t) => {
  const { as, ids } = await testWorld(t)
  const send = (name: 'ada' | 'bob') =>
    sendMessage(as(name), { conversationId: ids.general, body: name, clientId: 'same' })
  const [ada, bob] = await Promise.all([send('ada'), send('bob')])
  assert.deepEqual([ada.isRepeat, bob.isRepeat], [false, false])
  assert.notEqual(ada.message.id, bob.message.id)
})

test('a repeat on another node is found too', async (t) => {
  const { as, ids, databaseUrl, runtime } = await testWorld(t)
  const pools = [0, 1, 2].map(() => openPool({ url: databaseUrl, connectionsMax: 1 }))
  const writers = pools.map(
    (pool, i) =>
      new MessageWriter({
        pool,
        nodeId: `node ${i}`,
        batchMax: 10,
        queueMax: 100,
        retryForMs: 5_000,
        onCommitted: runtime.core.onCommitted,
      }),
  )
  const ports = writers.map((messageWriter) => ({ ...as('ada').ports, messageWriter }))
  for (let round = 0; round < 5; round++) {
    const input = { conversationId: ids.general, body: 'once', clientId: `c${round}` }
    const sent = await Promise.all(ports.map((own) => sendMessage({ ...as('ada'), ports: own }, input)))
    assert.equal(new Set(sent.map(({ message }) => message.id)).size, 1)
    assert.equal(sent.filter(({ isRepeat }) => !isRepeat).length, 1)
  }
  for (const writer of writers) await writer.close()
  for (const pool of pools) await pool.end()
})

test('messages of many at once get every ordinal once', async (t) => {
  const { as, ids } = await testWorld(t)
  const sent = await Promise.all(
    Array.from({ length: 300 }, (_, i) =>
      sendMessage(as(i % 2 ? 'ada' : 'bob'), { conversationId: ids.general, body: `${i} @ada @bob` }),
    ),
  )
  assert.deepEqual(
    sent.map(({ message }) => message.ordinal).toSorted((a, b) => a - b),
    Array.from({ length: 300 }, (_, i) => i + 1),
  )
})

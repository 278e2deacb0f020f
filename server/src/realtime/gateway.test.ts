import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendMessage } from '../core/messages/send-message.ts'
import { realtimeWorld } from '../testing/realtime-world.ts'

test('who connects hears what is said from then on, in order and once', async (t) => {
  const world = await realtimeWorld(t)
  const { as, ids, client } = world
  await sendMessage(as('ada'), { conversationId: ids.general, body: 'before' })
  const bob = client('bob')
  const ready = await bob.connect()
  assert.equal(ready.resumed, false)
  assert.equal(ready.me.id, ids.bob)
  const general = ready.streams.find((stream) => stream.id === ids.general)
  assert.deepEqual(general, { id: ids.general, kind: 'conversation', head: 1, read: 0, unread: 1, mentions: 0 })
  assert.deepEqual(ready.streams.map((stream) => stream.id).sort(), [ids.bob, ids.workspace, ids.general].sort())
  for (let i = 0; i < 20; i++) await sendMessage(as('ada'), { conversationId: ids.general, body: `say ${i}` })
  await bob.untilCaughtUp([[ids.general, 21]])
  const bodies = bob.state.messagesOf(ids.general).map((message) => message.body)
  assert.deepEqual(
    bodies,
    Array.from({ length: 20 }, (_, i) => `say ${i}`),
  )
  assert.equal(bob.repeats, 0)
})

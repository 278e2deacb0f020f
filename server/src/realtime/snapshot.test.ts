import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinConversation } from '../core/conversations/join-conversation.ts'
import { removeParticipant } from '../core/conversations/remove-participant.ts'
import { appendEvents } from '../core/log/append-events.ts'
import { sendMessage } from '../core/messages/send-message.ts'
import { type RealtimeWorld, realtimeWorld } from '../testing/realtime-world.ts'

test('between the snapshot and the live events nothing is lost and nothing comes twice', async (t) => {
  const { as, ids, client } = await realtimeWorld(t)
  const conversationId = ids.general
  let isDone = false
  const sending = (async () => {
    for (let i = 0; !isDone; i++) {
      await Promise.all(Array.from({ length: 8 }, () => sendMessage(as('ada'), { conversationId, body: `${i}` })))
    }
  })()
  const first = client('ada')
  await first.connect()
  const readers = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      await first.until(() => (first.last.get(conversationId) ?? 0) >= i * 20)
      const reader = client(i % 2 === 0 ? 'bob' : 'ada')
      const ready = await reader.connect()
      const stream = ready.streams.find(({ id }) => id === conversationId)!
      // The unread messages are those of the same moment: only ada writes.
      if (i % 2 === 0) assert.equal(stream.unread, Math.min(stream.head, 1_000))
      else assert.equal(stream.unread, 0)
      await reader.until(() => reader.state.applied.length >= 50)
      return { reader, head: stream.head }
    }),
  )
  isDone = true
  await sending
  for (const { reader, head } of readers) {
    const seqs = reader.state.applied
      .filter((key) => key.startsWith(conversationId))
      .map((key) => Number(key.split(' ')[1]))
    assert.deepEqual(
      seqs,
      seqs.map((_, i) => head + 1 + i),
    )
    assert.deepEqual({ repeats: reader.repeats, pages: reader.pages }, { repeats: 0, pages: 0 })
  }
  assert.ok(new Set(readers.map(({ head }) => head)).size > 1, 'they came at different moments')
})

test('who connects while they join or leave follows what they are in', async (t) => {
  const { as, ids, client, tail } = await realtimeWorld(t)
  const conversationId = ids.general
  const steps = Array.from({ length: 20 }, (_, i) => i)
  const moving = (async () => {
    for (const _ of steps) {
      await joinConversation(as('cy'), { conversationId })
      await removeParticipant(as('cy'), { conversationId, userId: ids.cy })
    }
    await joinConversation(as('cy'), { conversationId })
  })()
  const readers = steps.map(() => client('cy'))
  await Promise.all(readers.map((reader) => reader.connect()))
  await moving
  await tail.caughtUp()
  const { message } = await sendMessage(as('ada'), { conversationId, body: 'hello cy' })
  await Promise.all(readers.map((reader) => reader.untilCaughtUp([[conversationId, message.seq]])))
  await removeParticipant(as('cy'), { conversationId, userId: ids.cy })
  await Promise.all(readers.map((reader) => reader.until(() => !reader.last.has(conversationId))))
})

test('what the snapshot shows does not come once more when the log’s tail gets there', async (t) => {
  const w = await realtimeWorld(t)
  const { ids } = w
  const { bob, head } = await connectAheadOfTail(w)
  await sendMessage(w.as('ada'), { conversationId: ids.general, body: 'hi' })
  await bob.untilCaughtUp([[ids.general, head + 1]])
  assert.deepEqual([bob.repeats, bob.state.applied], [0, [`${ids.general} ${head + 1}`]])
})

/** A client whose snapshot shows an event that the tail has not read: it looks for itself once a second. */
async function connectAheadOfTail({ ids, client, runtime, tail }: RealtimeWorld) {
  const { database, nodeId } = runtime.core
  for (let head = 1; head <= 20; head++) {
    const before = tail.position
    // Under this node's own name nobody is woken.
    await database.kysely.transaction().execute((tx) => {
      const data = { conversationId: ids.general, readOrdinal: 0 }
      const event = { type: 'conversation.read' as const, streamId: ids.general, workspaceId: null, data }
      return appendEvents(tx, { events: [event], at: new Date().toISOString(), nodeId })
    })
    const bob = client('bob')
    const ready = await bob.connect()
    assert.equal(ready.streams.find(({ id }) => id === ids.general)?.head, head)
    if (tail.position === before) return { bob, head }
    bob.close()
  }
  assert.fail('the tail was never behind the snapshot')
}

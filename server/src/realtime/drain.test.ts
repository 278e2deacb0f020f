import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendMessage } from '../core/messages/send-message.ts'
import { realtimeWorld, untilConnections } from '../testing/realtime-world.ts'

test('a drain sends everybody away in turn, refuses newcomers, and they go on elsewhere without a hole', async (t) => {
  const w = await realtimeWorld(t, { reconnectSpreadMs: 20, drainStepMs: 20 })
  const elsewhere = await w.startNode()
  let url = w.wsUrl
  const readers = Array.from({ length: 10 }, () => w.client('bob', { url: () => url }))
  await Promise.all(readers.map((reader) => reader.connect()))
  let isDone = false
  const talking = (async () => {
    let last = 0
    while (!isDone) last = (await sendMessage(w.as('ada'), { conversationId: w.ids.general, body: 'hi' })).message.seq
    return last
  })()
  url = elsewhere.wsUrl
  const draining = w.gateway.drain(200)
  assert.equal(await w.socket('/v1/ws/connect', { authorization: 'Bearer bob' }).ended, 503)
  await draining
  assert.equal(w.gateway.connectionCount(), 0)
  await untilConnections(elsewhere.gateway, 10)
  isDone = true
  const last = await talking
  for (const reader of readers) {
    await reader.untilCaughtUp([[w.ids.general, last]])
    assert.deepEqual(reader.closeCodes, [4410])
    assert.equal(reader.pages, 0)
    assert.equal(reader.state.applied.length, last)
  }
})

test('closing ends all sockets with 1001', async (t) => {
  const w = await realtimeWorld(t)
  const raw = w.socket('/v1/ws/connect', { authorization: 'Bearer ada' })
  await raw.frame((frame) => frame.op === 'ready')
  w.gateway.close()
  assert.equal(await raw.ended, 1001)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendMessage } from '../core/messages/send-message.ts'
import { type RawSocket, type RealtimeWorld, realtimeWorld, untilConnections } from '../testing/realtime-world.ts'

const LARGE = 'x'.repeat(40_000)

async function enter({ socket }: RealtimeWorld, name: string): Promise<RawSocket> {
  const raw = socket('/v1/ws/connect', { authorization: `Bearer ${name}` })
  await raw.frame((frame) => frame.op === 'ready')
  return raw
}

/** More than the buffers of two sockets hold. */
async function flood({ as, ids }: RealtimeWorld, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 20) {
    const sends = Array.from({ length: 20 }, () => sendMessage(as('ada'), { conversationId: ids.general, body: LARGE }))
    await Promise.all(sends)
  }
}

test('a reader that stops delays nobody, and misses nothing when it reads again', async (t) => {
  const w = await realtimeWorld(t, { queueBytesMax: 200_000, recentEventsMax: 50 })
  const slow = await enter(w, 'bob')
  const quick = await enter(w, 'bob')
  slow.ws.pause()
  await flood(w, 400)
  await quick.frame((frame) => frame.q === 400)
  assert.ok(!slow.frames.some((frame) => frame.q === 400))
  slow.ws.resume()
  await slow.frame((frame) => frame.q === 400)
  const seqs = slow.frames.filter((frame) => frame.op === 'ev').map((frame) => frame.q)
  assert.deepEqual(
    seqs,
    Array.from({ length: 400 }, (_, i) => i + 1),
  )
  // Live again: what comes now comes at once.
  await sendMessage(w.as('ada'), { conversationId: w.ids.general, body: 'still there?' })
  await slow.frame((frame) => frame.q === 401)
})

test('a reader that never reads is closed with 4408, and its cursor brings the rest', async (t) => {
  const w = await realtimeWorld(t, { queueBytesMax: 200_000, stallMsMax: 150, beatMs: 2_000 })
  const slow = await enter(w, 'bob')
  slow.ws.pause()
  await flood(w, 400)
  await untilConnections(w.gateway, 0)
  slow.ws.resume()
  assert.equal(await slow.ended, 4408)
  const events = slow.frames.filter((frame) => frame.op === 'ev')
  assert.ok(events.length < 400)
  const back = w.socket(`/v1/ws/connect?token=bob&cursor=${events.at(-1)!.c}`)
  await back.frame((frame) => frame.q === 400)
  assert.equal(back.frames.filter((frame) => frame.op === 'ev').length, 400 - events.length)
})

test('typing is left out for who does not read, events are not', async (t) => {
  const w = await realtimeWorld(t, { passingBytesMax: 0 })
  const bob = await enter(w, 'bob')
  const ada = await enter(w, 'ada')
  bob.ws.pause()
  await flood(w, 400)
  await ada.send({ id: 1, op: 'typing', d: { conversation: w.ids.general } })
  await ada.frame((frame) => frame.re === 1)
  bob.ws.resume()
  await bob.frame((frame) => frame.q === 400)
  assert.ok(!bob.frames.some((frame) => frame.t === 'typing'))
})

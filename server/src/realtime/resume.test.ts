import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { SYSTEM } from '../core/actor.ts'
import { createContext } from '../core/context.ts'
import { joinConversation } from '../core/conversations/join-conversation.ts'
import { EVENTS_KEPT_MS, trimEvents } from '../core/log/trim-events.ts'
import { sendMessage } from '../core/messages/send-message.ts'
import { type RealtimeWorld, realtimeWorld } from '../testing/realtime-world.ts'
import { createCursors } from './cursor.ts'
import type { RealtimeLimits } from './limits.ts'

type Reader = Awaited<ReturnType<typeof resumeWith>>

/** Comes back with a cursor and tells what `ready` says. */
async function resumeWith({ socket }: RealtimeWorld, name: string, cursor: string) {
  const raw = socket(`/v1/ws/connect?cursor=${cursor}`, { authorization: `Bearer ${name}` })
  const ready = await raw.frame((frame) => frame.op === 'ready')
  return { raw, ready: ready.d as unknown as { resumed: boolean; cursor: string; gap?: string[] } }
}

/** The cursor of somebody who is connected for a moment. */
async function currentCursor(world: RealtimeWorld, name: 'ada' | 'bob' | 'cy' | 'gus'): Promise<string> {
  const client = world.client(name)
  const { cursor } = await client.connect()
  client.close()
  return cursor
}

async function say(world: RealtimeWorld, count: number, conversationId = world.ids.general) {
  const sends = Array.from({ length: count }, (_, i) =>
    sendMessage(world.as('ada'), { conversationId, body: `say ${i}` }),
  )
  await Promise.all(sends)
}

async function bodiesUpTo({ raw }: Reader, q: number): Promise<string[]> {
  await raw.frame((frame) => frame.op === 'ev' && frame.q === q)
  const messages = raw.frames.filter((frame) => frame.t === 'message.created')
  return messages.map((frame) => (frame.d.message as unknown as { body: string }).body)
}

async function world(t: TestContext, limits: Partial<RealtimeLimits> = {}) {
  const made = await realtimeWorld(t, limits)
  await say(made, 1)
  return made
}

test('everything after the cursor follows, from memory', async (t) => {
  const w = await world(t)
  const cursor = await currentCursor(w, 'bob')
  await say(w, 50)
  const bob = await resumeWith(w, 'bob', cursor)
  assert.equal(bob.ready.resumed, true)
  assert.equal(bob.ready.cursor, cursor, 'the cursor must not pass what has yet to come')
  assert.equal(bob.ready.gap, undefined)
  assert.equal((await bodiesUpTo(bob, 51)).length, 50)
})

test('everything after the cursor follows, from the database, also on another node', async (t) => {
  const w = await world(t, { recentEventsMax: 5 })
  const cursor = await currentCursor(w, 'bob')
  await say(w, 600)
  const bob = await resumeWith(w, 'bob', cursor)
  assert.equal(bob.ready.resumed, true)
  assert.equal((await bodiesUpTo(bob, 601)).length, 600)
  const seqs = bob.raw.frames.filter((frame) => frame.op === 'ev').map((frame) => frame.q)
  assert.deepEqual(
    seqs,
    Array.from({ length: 600 }, (_, i) => i + 2),
    'in order, each once',
  )

  const other = await w.startNode()
  const again = w.client('bob', { url: () => other.wsUrl })
  again.cursor = cursor
  assert.equal((await again.connect()).resumed, true)
  await again.until(() => again.last.get(w.ids.general) === 601)
})

test('a cursor in the middle of a replay goes on from there', async (t) => {
  const w = await world(t)
  const cursor = await currentCursor(w, 'bob')
  await say(w, 30)
  const first = await resumeWith(w, 'bob', cursor)
  const tenth = await first.raw.frame((frame) => frame.op === 'ev' && frame.q === 11)
  const second = await resumeWith(w, 'bob', tenth.c!)
  assert.equal((await bodiesUpTo(second, 31)).length, 20)
})

test('too much to replay is a gap that names exactly the streams that moved', async (t) => {
  const w = await world(t, { replayEventsMax: 20 })
  const cursor = await currentCursor(w, 'ada')
  await say(w, 21)
  const ada = await resumeWith(w, 'ada', cursor)
  assert.equal(ada.ready.resumed, false)
  assert.deepEqual(ada.ready.gap, [w.ids.general])
  assert.equal(ada.raw.frames.filter((frame) => frame.op === 'ev').length, 0)
})

test('a cursor far back in a log that others moved is no gap', async (t) => {
  const w = await world(t, { replayWindowMax: 10, recentEventsMax: 5 })
  const cursor = await currentCursor(w, 'gus')
  await say(w, 40)
  const gus = await resumeWith(w, 'gus', cursor)
  assert.equal(gus.ready.resumed, true, 'gus is not in this channel')
  await say(w, 1, w.ids.secret)
  await gus.raw.event('message.created')
})

test('a client pages its gap and ends where the others are', async (t) => {
  const w = await world(t, { replayEventsMax: 20 })
  const bob = w.client('bob', { withHistory: true, reconnectMs: 200 })
  await bob.connect()
  await bob.untilCaughtUp([[w.ids.general, 1]])
  bob.drop()
  await say(w, 500)
  await bob.untilCaughtUp([[w.ids.general, 501]])
  assert.deepEqual(bob.ready?.gap, [w.ids.general])
  assert.equal(bob.state.messagesOf(w.ids.general).length, 501)
  assert.equal(new Set(bob.state.applied).size, bob.state.applied.length, 'nothing twice')
})

test('a cursor past retention is a gap of the streams that moved since', async (t) => {
  // Removed events cannot tell what stands in the database.
  const w = await realtimeWorld(t, {}, { eventTruth: false })
  const { kysely } = w.runtime.core.database
  w.setNow('2026-05-01T10:00:00.000Z')
  await say(w, 1, w.ids.secret)
  await say(w, 3)
  const cursor = await currentCursor(w, 'ada')
  w.setNow('2026-05-01T11:00:00.000Z')
  await say(w, 2)
  w.setNow(new Date(Date.parse('2026-05-01T12:00:00.000Z') + EVENTS_KEPT_MS).toISOString())
  await kysely.updateTable('logReaders').set({ position: 1_000_000 }).execute()
  const { removed } = await trimEvents(createContext(w.runtime.core, SYSTEM))
  assert.ok(removed > 0)
  const ada = await resumeWith(w, 'ada', cursor)
  assert.deepEqual(ada.ready.gap, [w.ids.general])
  await ada.raw.send({ id: 1, op: 'page', d: { stream: w.ids.general, after: 2 } })
  const page = await ada.raw.frame((frame) => frame.re === 1)
  assert.deepEqual(page.d, { events: [], head: 5, more: false, gap: true }, 'what is gone is said to be gone')
})

test('a cursor of another log, or ahead of this one, is a gap of everything', async (t) => {
  const w = await world(t)
  const cursors = createCursors('s'.repeat(32))
  const newest = (await w.events()).at(-1)!
  const atMs = Date.parse(newest.createdAt)
  for (const cursor of [
    'nonsense',
    createCursors('other').encode({ position: newest.position, atMs }),
    cursors.encode({ position: newest.position, atMs: atMs - 1 }),
    cursors.encode({ position: newest.position + 1_000, atMs }),
  ]) {
    const bob = await resumeWith(w, 'bob', cursor)
    assert.equal(bob.ready.resumed, false)
    assert.deepEqual(bob.ready.gap, [w.ids.general])
  }
})

test('a channel that was joined meanwhile follows from its joining, not from before', async (t) => {
  const w = await world(t)
  const cursor = await currentCursor(w, 'cy')
  await say(w, 3)
  await joinConversation(w.as('cy'), { conversationId: w.ids.general })
  await say(w, 2)
  const cy = await resumeWith(w, 'cy', cursor)
  assert.equal((await bodiesUpTo(cy, 7)).length, 2)
  assert.deepEqual(
    cy.raw.frames.filter((frame) => frame.op === 'ev').map((frame) => frame.t),
    ['conversation.joined', 'message.created', 'message.created'],
  )
})

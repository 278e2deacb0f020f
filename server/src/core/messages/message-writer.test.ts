import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import type { LoggedEvent } from '../log/events.ts'
import type { Draft, Written } from './draft.ts'
import { MessageWriter } from './message-writer.ts'

test('two nodes write to the same conversations without holes or repeats', async (t) => {
  const world = await testWorld(t)
  const other = await world.openNode()
  const writers = [world.runtime.core.ports.messageWriter, other.core.ports.messageWriter]
  const sends = Array.from({ length: 600 }, (_, i) => {
    // Both nodes get every client id: whoever comes second finds the first's message.
    const pair = i >> 1
    const conversationId = pair % 3 === 0 ? world.ids.secret : world.ids.general
    return writers[i % 2]!.write(draftOf(world, { conversationId, clientId: `c${pair}` }))
  })
  const written = await Promise.all(sends)
  assert.equal(written.filter(({ isRepeat }) => !isRepeat).length, 300)
  for (const conversationId of [world.ids.general, world.ids.secret])
    await requireGapless(world, conversationId, written)
})

test('a row that cannot be written fails alone', async (t) => {
  const world = await testWorld(t)
  const { messageWriter } = world.runtime.core.ports
  const results = await Promise.allSettled([
    messageWriter.write(draftOf(world, { body: 'before' })),
    messageWriter.write(draftOf(world, { body: 'nul \0 byte' })),
    messageWriter.write(draftOf(world, { conversationId: randomUUIDv7() })),
    messageWriter.write(draftOf(world, { body: 'after' })),
  ])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  )
})

test('sends whose connection breaks are written once', async (t) => {
  const world = await testWorld(t)
  const { core } = world.runtime
  const written: Written[] = []
  const send = async (i: number) => {
    written.push(await core.ports.messageWriter.write(draftOf(world, { body: `message ${i}` })))
    if (i % 100 === 50) await breakWriterConnection(world)
  }
  // Twenty senders at a time, each waiting for its acknowledgement.
  await Promise.all(
    Array.from({ length: 20 }, async (_, sender) => {
      for (let i = sender; i < 500; i += 20) await send(i)
    }),
  )
  assert.equal(new Set(written.map(({ message }) => message.body)).size, 500)
  await requireGapless(world, world.ids.general, written)
})

test('the tail hands over what two nodes wrote once, in order, on both', async (t) => {
  const world = await testWorld(t)
  const other = await world.openNode()
  const heard: LoggedEvent[][] = [[], []]
  world.tail.listen((events) => heard[0]!.push(...events))
  other.tail.listen((events) => heard[1]!.push(...events))
  const writers = [world.runtime.core.ports.messageWriter, other.core.ports.messageWriter]
  await Promise.all(
    Array.from({ length: 400 }, (_, i) => writers[i % 2]!.write(draftOf(world, { body: `message ${i}` }))),
  )
  await Promise.all([world.tail.caughtUp(), other.tail.caughtUp()])
  const expected = (await world.events()).map(({ position }) => position)
  assert.equal(expected.length, 400)
  for (const events of heard)
    assert.deepEqual(
      events.map(({ position }) => position),
      expected,
    )
})

test('a full queue refuses, and what was in it is written', async (t) => {
  const world = await testWorld(t)
  const { core } = world.runtime
  const writer = new MessageWriter({
    pool: core.database.pool,
    nodeId: core.nodeId,
    batchMax: 10,
    queueMax: 20,
    retryForMs: 0,
    onCommitted: () => {},
  })
  const sends = Array.from({ length: 25 }, () => writer.write(draftOf(world, {})))
  const results = await Promise.allSettled(sends)
  await writer.close()
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 20)
  const refused = results.filter((result) => result.status === 'rejected')
  assert.ok(refused.every(({ reason }) => reason.code === 'overloaded'))
})

test('a mention of somebody and a reply are counted where they belong', async (t) => {
  const world = await testWorld(t)
  const { messageWriter } = world.runtime.core.ports
  const root = await messageWriter.write(draftOf(world, { body: 'root' }))
  const reply = () =>
    messageWriter.write(
      draftOf(world, {
        rootId: root.message.id,
        notices: [{ id: randomUUIDv7(), recipientUserId: world.ids.bob, type: 'thread_reply' }],
      }),
    )
  const replies = await Promise.all([reply(), reply(), reply()])
  assert.deepEqual(
    replies.map(({ message }) => message.ordinal),
    [2, 3, 4],
  )
  const notices = (await world.events()).filter(({ streamId }) => streamId === world.ids.bob)
  assert.deepEqual(
    notices.map(({ seq, data }) => ('message' in data ? [seq, data.message?.ordinal] : seq)),
    [
      [1, 2],
      [2, 3],
      [3, 4],
    ],
  )
})

function draftOf(world: TestWorld, changes: Partial<Draft>): Draft {
  return {
    id: randomUUIDv7(),
    conversationId: world.ids.general,
    workspaceId: world.ids.workspace,
    authorKind: 'user',
    authorId: world.ids.ada,
    kind: 'text',
    body: 'hello',
    rootId: null,
    mentions: [],
    attachments: [],
    metadata: null,
    clientId: null,
    createdAt: new Date().toISOString(),
    notices: [],
    ...changes,
  }
}

async function requireGapless(world: TestWorld, conversationId: string, written: Written[]): Promise<void> {
  const { pool } = world.runtime.core.database
  const { rows } = await pool.query('select id, ordinal from messages where conversation_id = $1 order by ordinal', [
    conversationId,
  ])
  assert.deepEqual(
    rows.map(({ ordinal }) => ordinal),
    rows.map((_, i) => i + 1),
  )
  const acknowledged = written
    .filter(({ message }) => message.conversationId === conversationId)
    .map(({ message }) => message.id)
  assert.deepEqual(new Set(acknowledged), new Set(rows.map(({ id }) => id)))
}

async function breakWriterConnection(world: TestWorld): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'parlance writer' and datname = current_database()`.execute(
    world.runtime.core.database.kysely,
  )
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendEvents } from '../core/log/append-events.ts'
import type { NewEvent } from '../core/log/events.ts'
import type { DatabasePool } from '../platform/database/database.ts'
import { realtimeWorld } from '../testing/realtime-world.ts'

const at = () => new Date().toISOString()

test('a transaction that began first and commits last is not skipped, live and by cursor', async (t) => {
  const { client, ids, runtime } = await realtimeWorld(t)
  const { kysely } = runtime.core.database
  const read = (readOrdinal: number): NewEvent => ({
    type: 'conversation.read',
    streamId: ids.bob,
    workspaceId: null,
    data: { conversationId: ids.general, readOrdinal },
  })
  const hidden: NewEvent = {
    type: 'conversation.hidden',
    streamId: ids.workspace,
    workspaceId: ids.workspace,
    data: { conversationId: ids.otherGeneral },
  }
  const bob = client('bob', { reconnectMs: 50 })
  await bob.connect()

  const early = await kysely.startTransaction().execute()
  await early.selectFrom('streams').select('id').where('id', '=', ids.bob).forUpdate().execute()
  const late = await kysely.startTransaction().execute()
  await appendEvents(late, { events: [hidden], at: at(), nodeId: 'another node' })
  await late.commit().execute()
  await bob.until(() => bob.last.get(ids.workspace) === 1)
  const cursorBetween = bob.cursor
  bob.drop()
  await appendEvents(early, { events: [read(1)], at: at(), nodeId: 'another node' })
  await early.commit().execute()
  await bob.until(() => bob.last.get(ids.bob) === 1)
  assert.deepEqual(bob.state.applied, [`${ids.workspace} 1`, `${ids.bob} 1`])
  assert.notEqual(bob.cursor, cursorBetween)
})

test('a position that was given is never passed before its transaction ends, whichever way it ends', async (t) => {
  const { client, ids, runtime } = await realtimeWorld(t)
  const { kysely } = runtime.core.database
  const eventOf = (streamId: string): NewEvent => ({
    type: 'conversation.read',
    streamId,
    workspaceId: null,
    data: { conversationId: ids.general, readOrdinal: 0 },
  })
  const bob = client('bob')
  await bob.connect()
  for (const end of ['commit', 'rollback'] as const) {
    const before = bob.state.applied.length
    const holder = await kysely.startTransaction().execute()
    await appendEvents(holder, { events: [eventOf(ids.general)], at: at(), nodeId: 'a' })
    // Would stand at a later position and be committed earlier, were the log not held until the commit.
    const waiting = kysely.transaction().execute((tx) => {
      return appendEvents(tx, { events: [eventOf(ids.bob)], at: at(), nodeId: 'a' })
    })
    const first = await Promise.race([waiting.then(() => 'passed'), lockIsAwaited(runtime.core.database)])
    assert.equal(first, 'waits')
    assert.equal(bob.state.applied.length, before)
    await (end === 'commit' ? holder.commit() : holder.rollback()).execute()
    await waiting
    await bob.until(() => bob.state.applied.length === before + (end === 'commit' ? 2 : 1))
  }
  assert.deepEqual(bob.state.applied, [`${ids.general} 1`, `${ids.bob} 1`, `${ids.bob} 2`])
})

async function lockIsAwaited({ pool }: DatabasePool): Promise<'waits'> {
  const text = `select from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`
  for (;;) if ((await pool.query(text)).rows.length > 0) return 'waits'
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../../platform/database/database.ts'
import { silentLogger } from '../../platform/log.ts'
import { until } from '../../testing/client-world.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { sendMessage } from '../messages/send-message.ts'
import { indexMessages } from './index-messages.ts'
import { createSearchIndexer } from './search-indexer.ts'

async function sendMany({ as, ids }: TestWorld, count: number) {
  await Promise.all(
    Array.from({ length: count }, (_, i) => sendMessage(as('ada'), { conversationId: ids.general, body: `m${i}` })),
  )
}

async function countIndexed({ runtime }: TestWorld): Promise<number> {
  const { rows } = await runtime.core.database.pool.query<{ count: number }>('select count(*) from message_search')
  return rows[0]!.count
}

test('several nodes that index at once index everything once', async (t) => {
  const world = await testWorld(t)
  const databases = [0, 1, 2].map(() => openDatabase({ url: world.databaseUrl, connectionsMax: 3 }))
  const indexers = databases.map((database) => createSearchIndexer({ database, log: silentLogger }))
  for (const indexer of indexers) indexer.wake()
  await sendMany(world, 1_200)
  const caughtUp = await Promise.all(indexers.map((indexer) => indexer.caughtUp(20_000)))
  assert.deepEqual(caughtUp, [true, true, true])
  assert.equal(await countIndexed(world), 1_200)
  for (const indexer of indexers) await indexer.close()
  for (const database of databases) await database.close()
})

test('while one node indexes, another leaves it alone', async (t) => {
  const world = await testWorld(t)
  const { database } = world.runtime.core
  await world.as('ada').ports.search.caughtUp(5_000)
  await database.kysely.transaction().execute(async (db) => {
    await db.selectFrom('logReaders').select('position').where('name', '=', 'search').forUpdate().execute()
    await sendMany(world, 1)
    assert.deepEqual(await indexMessages(database, 10), { position: undefined, isFull: false })
    assert.equal(await world.as('ada').ports.search.caughtUp(60), false)
  })
  assert.equal(await world.as('ada').ports.search.caughtUp(5_000), true)
  assert.equal(await countIndexed(world), 1)
})

test('what was sent while no indexer ran is indexed by the next one, in batches', async (t) => {
  const world = await testWorld(t)
  const { database } = world.runtime.core
  const { search } = world.as('ada').ports
  await sendMany(world, 25)
  await search.caughtUp(5_000)
  await database.pool.query('truncate message_search')
  await database.pool.query("update log_readers set position = 0 where name = 'search'")
  let batches = 0
  await until('all is read', async () => {
    const { position, isFull } = await indexMessages(database, 10)
    if (isFull) batches++
    // The world's own indexer may be at it for a moment: then this one waits for its turn.
    return position !== undefined && !isFull
  })
  assert.equal(await countIndexed(world), 25)
  assert.ok(batches <= 2)
})

test('an indexer whose database is away says so in time, and goes on when it is back', async (t) => {
  const world = await testWorld(t)
  await sendMany(world, 3)
  const { search } = world.as('ada').ports
  await search.caughtUp(5_000)
  const { pool } = world.runtime.core.database
  await pool.query('alter table log_readers rename to elsewhere')
  await sendMany(world, 2)
  await assert.rejects(search.caughtUp(200))
  await pool.query('alter table elsewhere rename to log_readers')
  assert.equal(await search.caughtUp(5_000), true)
  assert.equal(await countIndexed(world), 5)
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { customerWorld, say } from '../../testing/customer-world.ts'
import { SYSTEM } from '../actor.ts'
import { createContext } from '../context.ts'
import { applyActivity } from './apply-activity.ts'
import { listByActivity } from './list-by-activity.ts'
import { removeOldWalks } from './remove-old-walks.ts'

async function listed(t: TestContext) {
  const world = await customerWorld(t, { contacts: 8 })
  const { asClient, workspaceId } = world
  const page = (limit: number, startingAfter: string | null = null) =>
    listByActivity(asClient(), { kind: 'conversations', ownerId: workspaceId, limit, startingAfter })
  const idsOf = async (limit: number, after: string | null = null) =>
    (await page(limit, after)).items.map(({ itemId }) => itemId)
  return { ...world, page, idsOf }
}

test('two nodes that read the log at once count every message once', async (t) => {
  const world = await customerWorld(t, { contacts: 3 })
  const other = await world.openNode()
  const readers = [world.runtime.core.ports.activity, other.core.ports.activity]
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 7 }, (_, i) => say(world, i % 2)))
    await Promise.all([...readers, ...readers].map((reader) => reader.caughtUp()))
  }
  const { kysely } = world.runtime.core.database
  const counts = await kysely.selectFrom('contacts').select(['id', 'messageCount']).execute()
  const sum = counts.reduce((total, { messageCount }) => total + messageCount, 0)
  assert.equal(sum, 70)
  const { totalCount } = await listByActivity(world.asClient(), {
    kind: 'senders',
    ownerId: world.workspaceId,
    limit: 10,
  })
  assert.equal(totalCount, counts.filter(({ messageCount }) => messageCount > 0).length)
})

test('what another node has committed stands in the list that is read next', async (t) => {
  const world = await listed(t)
  const other = await world.openNode()
  const first = world.conversationIds[0]!
  assert.notEqual((await world.idsOf(1))[0], first)
  await say(world, 0, other)
  assert.equal((await world.idsOf(1))[0], first)
})

test('where nobody pages a list, nothing is left behind', async (t) => {
  const world = await listed(t)
  for (let i = 0; i < 8; i++) await say(world, i % 7)
  await world.idsOf(100)
  const { kysely } = world.runtime.core.database
  assert.deepEqual(await kysely.selectFrom('activityMoves').selectAll().execute(), [])
})

test('a walk is forgotten after a while, with what was left behind for it; then a page goes on from where the item is', async (t) => {
  const world = await listed(t)
  world.setNow('2026-03-01T12:00:00.000Z')
  const before = await world.idsOf(100)
  const [, edge] = await world.idsOf(2)
  await say(world, world.conversationIds.indexOf(before[4]!))
  assert.deepEqual(await world.idsOf(100, edge), before.slice(2))
  world.setNow('2026-03-01T12:16:00.000Z')
  const { removed } = await removeOldWalks(createContext(world.runtime.core, SYSTEM))
  assert.ok(removed > 0)
  const { kysely } = world.runtime.core.database
  assert.deepEqual(await kysely.selectFrom('listWalks').selectAll().execute(), [])
  assert.deepEqual(await kysely.selectFrom('activityMoves').selectAll().execute(), [])
  assert.deepEqual(
    await world.idsOf(100, edge),
    before.slice(2).filter((id) => id !== before[4]),
  )
})

test('a page whose list moved on before it was noted is read once more', async (t) => {
  const world = await listed(t)
  const { core } = world.runtime
  const before = await world.idsOf(100)
  // The reader goes on between a page and its note: as if it were another node's.
  let moved = 0
  const asClient = world.asClient()
  const ctx = {
    ...asClient,
    transaction: (async (fn: never) => {
      if (moved++ === 0) {
        await say(world, world.conversationIds.indexOf(before.at(-1)!))
        await applyActivity(core.database, { positionsMax: 1_000, now: asClient.now() })
      }
      return asClient.transaction(fn)
    }) as typeof asClient.transaction,
  }
  const list = { kind: 'conversations', ownerId: world.workspaceId } as const
  const first = await listByActivity(ctx, { ...list, limit: 3 })
  assert.equal(moved, 2)
  assert.equal(first.items[0]!.itemId, before.at(-1))
  const rest = await world.idsOf(100, first.items.at(-1)!.itemId)
  assert.equal(new Set([...first.items.map(({ itemId }) => itemId), ...rest]).size, before.length)
})

test('an item of another list is no place to go on from', async (t) => {
  const world = await listed(t)
  await assert.rejects(world.page(3, world.contactIds[0]!), { code: 'invalid_cursor' })
})

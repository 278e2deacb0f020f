import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { sendMessage } from '../messages/send-message.ts'
import { type ListNotifications, listNotifications } from './list-notifications.ts'
import { readAllNotifications } from './read-all-notifications.ts'
import { readNotification } from './read-notification.ts'

async function mentionBob({ as, ids }: TestWorld, times: number): Promise<string[]> {
  const messageIds: string[] = []
  for (let i = 0; i < times; i++) {
    const { message } = await sendMessage(as('ada'), { conversationId: ids.general, body: `@bob ${i}` })
    messageIds.push(message.id)
  }
  return messageIds
}

const list = ({ as }: TestWorld, input: Partial<ListNotifications> = {}) =>
  listNotifications(as('bob'), { limit: 50, ...input })

test('the unread ones come newest first, page by page, with their number', async (t) => {
  const world = await testWorld(t)
  const messageIds = await mentionBob(world, 5)
  const first = await list(world, { limit: 3 })
  const second = await list(world, { limit: 3, cursor: first.nextCursor })
  assert.equal(second.nextCursor, null)
  assert.deepEqual(
    [...first.rows, ...second.rows].map(({ targetId }) => targetId),
    messageIds.toReversed(),
  )
  assert.deepEqual([first.unreadCount, second.unreadCount], [5, 5])
  const { id: _, createdAt: __, updatedAt: ___, ...notification } = first.rows[0]!
  assert.deepEqual(notification, {
    recipientUserId: world.ids.bob,
    actorUserId: world.ids.ada,
    type: 'mention',
    targetType: 'message',
    targetId: messageIds[4],
    workspaceId: world.ids.workspace,
    conversationId: world.ids.general,
    readAt: null,
  })
})

test('a notification is read once, and that is announced once', async (t) => {
  const world = await testWorld(t)
  await mentionBob(world, 2)
  const [newest, oldest] = (await list(world)).rows
  world.setNow('2126-01-01T00:00:00.000Z')
  const read = await readNotification(world.as('bob'), { notificationId: newest!.id })
  assert.equal(read.readAt, '2126-01-01T00:00:00.000Z')
  world.setNow('2126-01-02T00:00:00.000Z')
  assert.deepEqual(await readNotification(world.as('bob'), { notificationId: newest!.id }), read)
  const announced = (await world.events()).filter(({ type }) => type === 'notification.updated')
  assert.deepEqual(
    announced.map(({ streamId, data }) => ({ streamId, data })),
    [{ streamId: world.ids.bob, data: { notification: read } }],
  )
  assert.deepEqual(await list(world), { rows: [oldest], nextCursor: null, unreadCount: 1 })
  assert.deepEqual((await list(world, { filter: 'read' })).rows, [read])
  assert.deepEqual((await list(world, { filter: 'all' })).rows, [read, oldest])
})

test('nobody sees or reads the notifications of others', async (t) => {
  const world = await testWorld(t)
  await mentionBob(world, 1)
  const { id: notificationId } = (await list(world)).rows[0]!
  assert.deepEqual((await listNotifications(world.as('ada'), { limit: 50, filter: 'all' })).rows, [])
  const refused = { code: 'notification_not_found' }
  await assert.rejects(readNotification(world.as('ada'), { notificationId }), refused)
  await assert.rejects(readNotification(world.as('bob'), { notificationId: world.ids.bob }), refused)
  assert.equal((await readAllNotifications(world.as('ada'))).updated, 0)
  assert.equal((await list(world)).unreadCount, 1)
})

test('they can be listed by their type', async (t) => {
  const world = await testWorld(t)
  const conversationId = world.ids.general
  const { message } = await sendMessage(world.as('bob'), { conversationId, body: 'root' })
  await sendMessage(world.as('ada'), { conversationId, body: 'reply', parentId: message.id })
  await mentionBob(world, 1)
  const types = async (type: ListNotifications['type']) => (await list(world, { type })).rows.map((row) => row.type)
  assert.deepEqual(await types('thread_reply'), ['thread_reply'])
  assert.deepEqual(await types('mention'), ['mention'])
  assert.deepEqual(await types('channel_invite'), [])
})

test('all are read at once, in announced batches', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  await mentionBob(world, 1)
  await world.runtime.core.database.pool.query(
    `insert into notifications (id, recipient_user_id, type, target_type, target_id, created_at, updated_at)
     select gen_random_uuid(), $1, 'mention', 'message', gen_random_uuid(), now(), now() from generate_series(1, 700)`,
    [world.ids.bob],
  )
  assert.deepEqual(await readAllNotifications(world.as('bob')), { updated: 701 })
  assert.deepEqual(await readAllNotifications(world.as('bob')), { updated: 0 })
  assert.equal((await list(world)).unreadCount, 0)
  const announced = (await world.events()).flatMap((event) =>
    event.type === 'notifications.read' ? [event.data.notificationIds.length] : [],
  )
  assert.deepEqual(announced, [500, 201])
})

test('what is read meanwhile does not disturb the pages of the unread', async (t) => {
  const world = await testWorld(t)
  const messageIds = await mentionBob(world, 4)
  const first = await list(world, { limit: 2 })
  await readAllNotifications(world.as('bob'))
  const [newId] = await mentionBob(world, 1)
  assert.deepEqual((await list(world, { limit: 2, cursor: first.nextCursor })).rows, [])
  const all = await list(world, { limit: 2, cursor: first.nextCursor, filter: 'all' })
  assert.deepEqual(
    all.rows.map(({ targetId }) => targetId),
    messageIds.slice(0, 2).toReversed(),
  )
  assert.deepEqual(
    (await list(world)).rows.map(({ targetId }) => targetId),
    [newId],
  )
})

test('a cursor of another list is refused', async (t) => {
  const world = await testWorld(t)
  for (const key of [[1], ['x'], [world.ids.ada, world.ids.ada]]) {
    const cursor = Buffer.from(JSON.stringify(key)).toString('base64url')
    await assert.rejects(list(world, { cursor }), { code: 'invalid_cursor' })
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { listNotifications } from '../notifications/list-notifications.ts'
import { addReaction } from '../reactions/add-reaction.ts'
import { listReactions } from '../reactions/list-reactions.ts'
import { deleteMessage } from './delete-message.ts'
import { editMessage } from './edit-message.ts'
import { getMessage } from './get-message.ts'
import { listMessages } from './list-messages.ts'
import { listReplies } from './list-replies.ts'
import { listRevisions } from './list-revisions.ts'
import { sendMessage } from './send-message.ts'

async function send({ as, ids }: TestWorld, body: string, parentId?: string) {
  const { message } = await sendMessage(as('bob'), { conversationId: ids.general, body, parentId })
  return message
}

test('a deleted message leaves an empty place in the history', async (t) => {
  const world = await testWorld(t)
  const message = await send(world, 'oops @ada')
  const next = await send(world, 'next')
  await addReaction(world.as('ada'), { messageId: message.id, content: '😬' })
  world.setNow('2126-01-01T00:00:00.000Z')
  const deleted = await deleteMessage(world.as('bob'), { messageId: message.id })
  const at = '2126-01-01T00:00:00.000Z'
  assert.deepEqual(deleted, { ...message, body: '', mentions: [], updatedAt: at, deletedAt: at })
  const { rows } = await listMessages(world.as('ada'), { conversationId: world.ids.general, limit: 50 })
  assert.deepEqual(rows, [next, deleted])
  assert.deepEqual((await listReactions(world.as('ada'), { messageId: message.id, limit: 50 })).rows, [])
})

test('the replies of a deleted message stay, and so does its count of them', async (t) => {
  const world = await testWorld(t)
  const root = await send(world, 'root')
  const reply = await send(world, 'reply', root.id)
  await deleteMessage(world.as('bob'), { messageId: root.id })
  const { replyCount, lastReplyAt } = await getMessage(world.as('ada'), { messageId: root.id })
  assert.deepEqual({ replyCount, lastReplyAt }, { replyCount: 1, lastReplyAt: reply.createdAt })
  assert.deepEqual((await listReplies(world.as('ada'), { messageId: root.id, limit: 50 })).rows, [reply])
  await deleteMessage(world.as('bob'), { messageId: reply.id })
  assert.equal((await getMessage(world.as('ada'), { messageId: root.id })).replyCount, 1)
})

test('deleting twice, or twice at once, is deleting once', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'oops')
  const remove = () => deleteMessage(world.as('bob'), { messageId })
  const [first, second] = await Promise.all([remove(), remove()])
  assert.deepEqual(first, second)
  assert.deepEqual(await remove(), first)
  const types = (await world.events()).map(({ type }) => type)
  assert.deepEqual(types, ['message.created', 'message.deleted'])
})

test('nobody is called to a message that is gone', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, '@ada @cy')
  const other = await send(world, '@ada again')
  await deleteMessage(world.as('bob'), { messageId })
  const unread = async (name: 'ada' | 'cy') => {
    const { rows, unreadCount } = await listNotifications(world.as(name), { limit: 50 })
    return [unreadCount, ...rows.map(({ targetId }) => targetId)]
  }
  assert.deepEqual(await unread('ada'), [1, other.id])
  assert.deepEqual(await unread('cy'), [0])
  const told = (await world.events()).filter(({ type }) => type === 'notifications.read')
  assert.deepEqual(told.map(({ streamId }) => streamId).toSorted(), [world.ids.ada, world.ids.cy].toSorted())
})

test('what it said last is kept for the author and the administrators', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'first')
  await editMessage(world.as('bob'), { messageId, body: 'second' })
  await deleteMessage(world.as('bob'), { messageId })
  const { rows } = await listRevisions(world.as('cy'), { messageId, limit: 50 })
  assert.deepEqual(
    rows.map(({ body }) => body),
    ['second', 'first'],
  )
})

test('an administrator may delete what others wrote, and that is audited', async (t) => {
  const world = await testWorld(t)
  const message = await send(world, 'rude')
  await deleteMessage(world.as('cy'), { messageId: message.id })
  const trail = await world.as('cy').db.selectFrom('auditEntries').selectAll().execute()
  assert.deepEqual(
    trail.map(({ action, actorId, targetId, workspaceId, before }) => ({
      action,
      actorId,
      targetId,
      workspaceId,
      before,
    })),
    [
      {
        action: 'message.delete',
        actorId: world.ids.cy,
        targetId: message.id,
        workspaceId: world.ids.workspace,
        before: { conversationId: world.ids.general, authorId: world.ids.bob },
      },
    ],
  )
})

test('others may not delete it, and who cannot read it does not find it', async (t) => {
  const world = await testWorld(t)
  const { message } = await sendMessage(world.as('ada'), { conversationId: world.ids.general, body: 'mine' })
  const remove = (name: 'bob' | 'gus' | 'eve' | 'mallory') => deleteMessage(world.as(name), { messageId: message.id })
  await assert.rejects(remove('bob'), { code: 'permission_denied' })
  for (const name of ['gus', 'eve', 'mallory'] as const)
    await assert.rejects(remove(name), { code: 'message_not_found' })
  assert.deepEqual(await getMessage(world.as('ada'), { messageId: message.id }), message)
})

test('a deleted message is not edited', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'gone')
  await deleteMessage(world.as('bob'), { messageId })
  const edited = editMessage(world.as('bob'), { messageId, body: 'back' })
  await assert.rejects(edited, { code: 'message_deleted' })
})

test('its files go with it, unless another message carries them', async (t) => {
  const world = await testWorld(t)
  const [alone, shared] = [await addFile(world), await addFile(world)]
  const { as, ids } = world
  const sent = await sendMessage(as('bob'), { conversationId: ids.general, body: '', fileIds: [alone, shared] })
  await sendMessage(as('bob'), { conversationId: ids.general, body: 'again', fileIds: [shared] })
  const { attachments } = await deleteMessage(as('bob'), { messageId: sent.message.id })
  assert.deepEqual(attachments, [])
  const files = await as('bob').db.selectFrom('files').select(['id', 'expiresAt']).execute()
  const expiring = files.filter(({ expiresAt }) => expiresAt !== null)
  assert.deepEqual(
    expiring.map(({ id }) => id),
    [alone],
  )
})

async function addFile({ as, ids }: TestWorld): Promise<string> {
  const ctx = as('bob')
  const [id, now] = [ctx.newId(), ctx.now()]
  const file = { id, uploaderUserId: ids.bob, name: 'a.txt', contentType: 'text/plain', sizeBytes: 1 }
  await ctx.db
    .insertInto('files')
    .values({ ...file, createdAt: now, completedAt: now })
    .execute()
  return id
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { editMessage } from './edit-message.ts'
import { getMessage } from './get-message.ts'
import { listRevisions } from './list-revisions.ts'
import { sendMessage } from './send-message.ts'

async function send({ as, ids }: TestWorld, body: string) {
  const { message } = await sendMessage(as('ada'), { conversationId: ids.general, body })
  return message
}

async function notified({ events }: TestWorld): Promise<string[]> {
  return (await events()).flatMap(({ type, streamId }) => (type === 'notification.created' ? [streamId] : []))
}

test('an edit changes the text, keeps the old one and is announced', async (t) => {
  const world = await testWorld(t)
  const message = await send(world, 'helo')
  world.setNow('2126-01-01T00:00:00.000Z')
  const edited = await editMessage(world.as('ada'), { messageId: message.id, body: 'hello' })
  const at = '2126-01-01T00:00:00.000Z'
  assert.deepEqual(edited, { ...message, body: 'hello', revision: 1, updatedAt: at, editedAt: at })
  assert.deepEqual(await getMessage(world.as('bob'), { messageId: message.id }), edited)
  const last = (await world.events()).at(-1)!
  assert.deepEqual([last.type, last.streamId, last.data], ['message.updated', world.ids.general, { message: edited }])
  const { rows } = await listRevisions(world.as('ada'), { messageId: message.id, limit: 50 })
  assert.deepEqual(rows, [{ revision: 0, body: 'helo', replacedAt: at, replacedBy: world.ids.ada }])
})

test('of two edits at once that saw the same revision one wins and the other hears of it', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'start')
  const edit = (body: string) => editMessage(world.as('ada'), { messageId, body, revision: 0 })
  const results = await Promise.allSettled([edit('left'), edit('right')])
  const won = results.filter((result) => result.status === 'fulfilled')
  const lost = results.filter((result) => result.status === 'rejected')
  assert.equal(won.length, 1)
  assert.equal(lost[0]?.reason.code, 'edit_conflict')
  assert.deepEqual(await getMessage(world.as('ada'), { messageId }), won[0]?.value)
})

test('two edits at once without a revision both stand in the history', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'start')
  const edit = (body: string) => editMessage(world.as('ada'), { messageId, body })
  await Promise.all([edit('left'), edit('right')])
  const { revision, body } = await getMessage(world.as('ada'), { messageId })
  assert.equal(revision, 2)
  const { rows } = await listRevisions(world.as('ada'), { messageId, limit: 50 })
  assert.deepEqual([...rows.map((row) => row.body), body].toSorted(), ['left', 'right', 'start'])
})

test('the same text again changes and announces nothing', async (t) => {
  const world = await testWorld(t)
  const message = await send(world, 'same')
  const before = await world.events()
  const edited = await editMessage(world.as('ada'), { messageId: message.id, body: 'same', revision: 7 })
  assert.deepEqual(edited, message)
  assert.deepEqual(await world.events(), before)
})

test('an edit notifies the newly mentioned, once, and nobody else', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'hi @bob')
  const edit = (body: string) => editMessage(world.as('ada'), { messageId, body })
  assert.deepEqual(await notified(world), [world.ids.bob])
  const edited = await edit('hi @bob and @cy, says @ada')
  assert.deepEqual(await notified(world), [world.ids.bob, world.ids.cy])
  const mentioned = edited.mentions.flatMap((mention) => (mention.kind === 'user' ? [mention.username] : []))
  assert.deepEqual(mentioned.sort(), ['bob', 'cy'])
  await edit('hi all')
  await edit('hi @bob, @cy and @channel')
  assert.deepEqual(await notified(world), [world.ids.bob, world.ids.cy])
})

test('an edit cannot mention who cannot see the channel', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'hi')
  const { mentions } = await editMessage(world.as('ada'), { messageId, body: '@gus @eve @mallory' })
  assert.deepEqual(mentions, [])
  assert.deepEqual(await notified(world), [])
})

test('edits and sends that mention the same people at once all reach them', async (t) => {
  const world = await testWorld(t)
  const messages = await Promise.all(Array.from({ length: 10 }, (_, i) => send(world, `${i}`)))
  await Promise.all(
    messages.flatMap(({ id: messageId }, i) => [
      editMessage(world.as('ada'), { messageId, body: `${i} @bob @cy` }),
      send(world, `more ${i} @bob @cy`),
    ]),
  )
  assert.equal((await notified(world)).length, 40)
})

test('only the author edits, and only what is a message still', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, 'mine')
  const edit = (name: 'ada' | 'bob' | 'cy' | 'eve', body: string) => editMessage(world.as(name), { messageId, body })
  await assert.rejects(edit('bob', 'yours'), { code: 'permission_denied' })
  await assert.rejects(edit('cy', 'administered'), { code: 'permission_denied' })
  await assert.rejects(edit('eve', 'stolen'), { code: 'message_not_found' })
  await assert.rejects(edit('ada', ' \n'), { code: 'message_empty' })
  await assert.rejects(edit('ada', 'a\0b'), { code: 'invalid_request' })
  assert.equal((await getMessage(world.as('ada'), { messageId })).body, 'mine')
})

test('revisions are for the author and the administrators', async (t) => {
  const world = await testWorld(t)
  const { id: messageId } = await send(world, '0')
  for (const body of ['1', '2', '3']) await editMessage(world.as('ada'), { messageId, body })
  const first = await listRevisions(world.as('cy'), { messageId, limit: 2 })
  assert.deepEqual(
    first.rows.map(({ body }) => body),
    ['2', '1'],
  )
  const second = await listRevisions(world.as('cy'), { messageId, limit: 2, cursor: first.nextCursor })
  assert.deepEqual(
    second.rows.map(({ body }) => body),
    ['0'],
  )
  await assert.rejects(listRevisions(world.as('bob'), { messageId, limit: 2 }), { code: 'permission_denied' })
  await assert.rejects(listRevisions(world.as('eve'), { messageId, limit: 2 }), { code: 'message_not_found' })
  const cursor = Buffer.from('[99999999999]').toString('base64url')
  await assert.rejects(listRevisions(world.as('ada'), { messageId, limit: 2, cursor }), { code: 'invalid_cursor' })
})

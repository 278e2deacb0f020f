import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { updateChannel } from '../../core/conversations/update-channel.ts'
import { deleteMessage } from '../../core/messages/delete-message.ts'
import { editMessage } from '../../core/messages/edit-message.ts'
import { sendMessage } from '../../core/messages/send-message.ts'
import { addReaction } from '../../core/reactions/add-reaction.ts'
import { type RawSocket, type RealtimeWorld, realtimeWorld } from '../../testing/realtime-world.ts'

async function enter(w: RealtimeWorld, name: string, query = ''): Promise<RawSocket> {
  const raw = w.socket(`/ws?token=${name}${query}`)
  await named(raw, 'READY')
  return raw
}

const named = (raw: RawSocket, event: string) => raw.frame((frame) => frame.event === event)
const names = (raw: RawSocket) => raw.frames.map((frame) => frame.event)

async function talk(t: TestContext) {
  const w = await realtimeWorld(t, { presenceGraceMs: 10, presenceGatherMs: 10 })
  const say = (body: string, parentId?: string) =>
    sendMessage(w.as('ada'), { conversationId: w.ids.general, body, parentId })
  return { w, say }
}

test('the socket greets, and signs in by a first frame too', async (t) => {
  const { w } = await talk(t)
  const raw = w.socket('/ws')
  assert.deepEqual((await named(raw, 'HELLO')).data, { beat_ms: 30_000 })
  await raw.send({ id: 'a', event: 'AUTH', data: { token: 'bob' } })
  const ready = await named(raw, 'READY')
  assert.equal((ready as { id?: string }).id, 'a')
  const { user, streams, resumed } = ready.data as { user: { email: string }; streams: object[]; resumed: boolean }
  assert.deepEqual([user.email, streams.length, resumed], ['bob@example.com', 3, false])
})

test('messages, replies, edits, reactions and deletions come as the frames of this dialect', async (t) => {
  const { w, say } = await talk(t)
  const bob = await enter(w, 'bob')
  const { message } = await say('hello @bob')
  const reply = await say('again', message.id)
  await addReaction(w.as('cy'), { messageId: message.id, content: '👍' })
  await editMessage(w.as('ada'), { messageId: message.id, body: 'hello all' })
  await deleteMessage(w.as('ada'), { messageId: reply.message.id })
  await named(bob, 'MESSAGE_DELETED')
  const ofChannel = bob.frames.filter((frame) => (frame as { stream?: string }).stream === w.ids.general)
  assert.deepEqual(
    ofChannel.map((frame) => frame.event),
    ['NEW_MESSAGE', 'THREAD_RESPONSE', 'REACTION_ADDED', 'MESSAGE_UPDATED', 'MESSAGE_DELETED'],
  )
  const [first] = ofChannel as unknown as { seq: number; cursor: string; at: string; data: Record<string, unknown> }[]
  assert.deepEqual(Object.keys(first!), ['event', 'data', 'stream', 'seq', 'cursor', 'at'])
  assert.equal(first!.data.channel_id, w.ids.general)
  assert.deepEqual(first!.data.reactions, [])
  assert.deepEqual(first!.data.mentions, [{ type: 'user', user_id: w.ids.bob, username: 'bob' }])
  assert.equal(ofChannel[1]!.data!.parent_message_id, message.id)
  assert.equal(ofChannel[2]!.data!.reaction_content, '👍')
  assert.ok(!('reactions' in ofChannel[3]!.data!), 'the edit does not say that the reactions are gone')
  assert.equal(ofChannel[4]!.data!.body, '')
})

test('a mention comes before its notification, and only the notification is a step to resume from', async (t) => {
  const { w, say } = await talk(t)
  const bob = await enter(w, 'bob')
  const { message } = await say('hello @bob')
  const notification = (await named(bob, 'NOTIFICATION')) as unknown as { seq: number; cursor: string; data: object }
  const mention = await named(bob, 'MENTION')
  assert.ok(bob.frames.indexOf(mention) < bob.frames.indexOf(notification as never))
  assert.ok(!('cursor' in mention) && !('seq' in mention))
  assert.deepEqual(mention.data!.notification, notification.data)
  assert.equal((mention.data!.message as { id: string }).id, message.id)
  await say('one more')
  const again = await enter(w, 'bob', `&cursor=${notification.cursor}`)
  await named(again, 'NEW_MESSAGE')
  assert.deepEqual(names(again), ['HELLO', 'READY', 'NEW_MESSAGE'])
})

test('typing, presence, reading and pings', async (t) => {
  const { w, say } = await talk(t)
  const bob = await enter(w, 'bob')
  const ada = await enter(w, 'ada')
  const { message } = await say('hi')
  assert.deepEqual((await named(bob, 'PRESENCE')).data, { user_id: w.ids.ada, status: 'online' })
  await ada.send({ event: 'TYPING', data: { channel_id: w.ids.general } })
  const typing = { channel_id: w.ids.general, user_id: w.ids.ada, ttl_ms: 6_000 }
  assert.deepEqual((await named(bob, 'TYPING')).data, typing)
  await bob.send({ id: 1, event: 'READ', data: { channel_id: w.ids.general, message_id: message.id } })
  const read = { channel_id: w.ids.general, read_sequence: 1 }
  assert.deepEqual((await named(bob, 'ACK')).data, { ...read, unread_count: 0 })
  assert.deepEqual((await named(bob, 'CHANNEL_READ')).data, read)
  await ada.send({ event: 'PING' })
  assert.equal(typeof (await named(ada, 'PONG')).data!.cursor, 'string')
  assert.ok(!names(ada).includes('ACK'), 'who does not name a request is not answered')
})

test('a channel can be followed, paged and left; errors speak of channels', async (t) => {
  const { w, say } = await talk(t)
  await say('one')
  const cy = await enter(w, 'cy')
  const ask = async (id: string, event: string, data: object) => {
    await cy.send({ id, event, data })
    const frame = await cy.frame((one) => (one as { id?: string }).id === id)
    return { event: frame.event, data: frame.data as Record<string, unknown> }
  }
  const followed = await ask('sub', 'SUBSCRIBE', { channel_id: w.ids.general, after: 0 })
  assert.deepEqual(followed, { event: 'ACK', data: { channel_id: w.ids.general, head: 1 } })
  const page = await ask('page', 'PAGE', { stream: w.ids.general, after: 0 })
  assert.deepEqual([page.data.head, page.data.has_more], [1, false])
  await say('two')
  await cy.frame((frame) => frame.data?.body === 'two')
  await updateChannel(w.as('ada'), { conversationId: w.ids.general, isPrivate: true })
  await named(cy, 'CHANNEL_HIDDEN')
  const refused = await ask('again', 'SUBSCRIBE', { channel_id: w.ids.general })
  assert.deepEqual([refused.event, refused.data.code, refused.data.retry], ['ERROR', 'channel_not_found', false])
  const wrong = await ask('wrong', 'READ', { channel_id: 'general' })
  assert.deepEqual(wrong.data.fields, { channel_id: ['is not an id'] })
  await cy.send({ event: 7 })
  assert.equal(await cy.ended, 4400)
})

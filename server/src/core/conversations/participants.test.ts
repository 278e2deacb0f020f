import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { removeMember } from '../workspaces/remove-member.ts'
import { addParticipant } from './add-participant.ts'
import { getConversation } from './get-conversation.ts'
import { listParticipants } from './list-participants.ts'
import { removeParticipant } from './remove-participant.ts'

test('a member comes into a public channel by themselves, once', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const conversationId = ids.general
  const { participant, user } = await addParticipant(as('cy'), { conversationId })
  assert.deepEqual([participant.userId, user.username], [ids.cy, 'cy'])
  await assert.rejects(addParticipant(as('cy'), { conversationId }), { code: 'already_participant' })
  assert.deepEqual(
    (await events()).map(({ type, streamId }) => [type, streamId]),
    [
      ['participant.joined', conversationId],
      ['conversation.joined', ids.cy],
    ],
  )
})

test('who is brought into a channel is notified, and must be of the workspace', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const conversationId = ids.secret
  await addParticipant(as('ada'), { conversationId, userId: ids.bob })
  assert.deepEqual(
    (await events()).map(({ type, streamId }) => [type, streamId]),
    [
      ['participant.joined', conversationId],
      ['conversation.joined', ids.bob],
      ['notification.created', ids.bob],
    ],
  )
  for (const userId of [ids.eve, ids.mallory, ids.general]) {
    await assert.rejects(addParticipant(as('ada'), { conversationId, userId }), { code: 'not_a_workspace_member' })
  }
})

test('who may bring people in and take them out follows from their place', async (t) => {
  const { as, ids } = await testWorld(t)
  const add = (name: 'bob' | 'cy' | 'gus' | 'eve', conversationId: string) =>
    addParticipant(as(name), { conversationId, userId: ids.cy })
  await assert.rejects(add('gus', ids.secret), { code: 'permission_denied' })
  await assert.rejects(add('gus', ids.general), { code: 'conversation_not_found' })
  await assert.rejects(add('eve', ids.general), { code: 'conversation_not_found' })
  await assert.rejects(add('bob', ids.secret), { code: 'conversation_not_found' })
  // An administrator finds no private channel either.
  await assert.rejects(add('cy', ids.secret), { code: 'conversation_not_found' })
  await add('bob', ids.general)
  const remove = (name: 'bob' | 'cy', userId: string) =>
    removeParticipant(as(name), { conversationId: ids.general, userId })
  await assert.rejects(remove('bob', ids.cy), { code: 'permission_denied' })
  await remove('cy', ids.bob)
  await assert.rejects(remove('cy', ids.bob), { code: 'participant_not_found' })
  await remove('cy', ids.cy)
})

test('who was taken out of a private channel sees it no more', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const conversationId = ids.secret
  await getConversation(as('gus'), { conversationId })
  await removeParticipant(as('ada'), { conversationId, userId: ids.gus })
  await assert.rejects(getConversation(as('gus'), { conversationId }), { code: 'conversation_not_found' })
  assert.deepEqual(
    (await events()).map(({ type, streamId }) => [type, streamId]),
    [
      ['participant.left', conversationId],
      ['conversation.left', ids.gus],
    ],
  )
})

test('two who bring the same person in at once bring them in once', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const input = { conversationId: ids.general, userId: ids.gus }
  const results = await Promise.allSettled([addParticipant(as('ada'), input), addParticipant(as('bob'), input)])
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.equal((await events()).filter(({ type }) => type === 'participant.joined').length, 1)
})

test('nobody is brought into a channel of a workspace that they are leaving', async (t) => {
  const { as, ids } = await testWorld(t)
  const { workspace: workspaceId, general: conversationId, gus } = ids
  await Promise.allSettled([
    addParticipant(as('bob'), { conversationId, userId: gus }),
    removeMember(as('ada'), { workspaceId, userId: gus }),
  ])
  const { rows } = await listParticipants(as('ada'), { conversationId, limit: 10 })
  assert.deepEqual(rows.map(({ user }) => user.username).sort(), ['ada', 'bob'])
})

test('the people of a channel come in pages', async (t) => {
  const { as, ids } = await testWorld(t)
  const conversationId = ids.general
  await addParticipant(as('ada'), { conversationId, userId: ids.gus })
  const first = await listParticipants(as('gus'), { conversationId, limit: 2 })
  await addParticipant(as('cy'), { conversationId })
  const second = await listParticipants(as('gus'), { conversationId, limit: 2, cursor: first.nextCursor })
  const seen = [...first.rows, ...second.rows].map(({ user }) => user.username)
  assert.equal(new Set(seen).size, seen.length)
  for (const name of ['ada', 'bob', 'gus']) assert.ok(seen.includes(name), name)
  const foreign = listParticipants(as('mallory'), { conversationId, limit: 2 })
  await assert.rejects(foreign, { code: 'conversation_not_found' })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { addParticipant } from '../conversations/add-participant.ts'
import { getConversation } from '../conversations/get-conversation.ts'
import { addMember } from './add-member.ts'
import { listMembers } from './list-members.ts'
import { removeMember } from './remove-member.ts'
import { updateMember } from './update-member.ts'

test('a new member and the workspace hear of it, and the member is notified', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const workspaceId = ids.workspace
  const { member, user } = await addMember(as('cy'), { workspaceId, username: 'EVE' })
  assert.deepEqual([member.role, user.username], ['member', 'eve'])
  assert.deepEqual(
    (await events()).map(({ type, streamId }) => [type, streamId]),
    [
      ['workspace.joined', ids.eve],
      ['member.joined', workspaceId],
      ['notification.created', ids.eve],
    ],
  )
})

test('a person who cannot be found is named by the field that named them', async (t) => {
  const { as, ids } = await testWorld(t)
  const workspaceId = ids.workspace
  const add = (invited: object) => addMember(as('ada'), { workspaceId, ...invited })
  await assert.rejects(add({ email: 'nobody@example.com' }), { code: 'user_not_found', param: 'email' })
  await assert.rejects(add({ username: 'nobody' }), { code: 'user_not_found', param: 'username' })
  await assert.rejects(add({ userId: ids.workspace }), { code: 'user_not_found', param: 'user_id' })
  await assert.rejects(add({ username: 'nul\0' }), { code: 'invalid_request' })
  await assert.rejects(add({}), { code: 'invalid_request' })
  await assert.rejects(add({ userId: ids.eve, username: 'eve' }), { code: 'invalid_request' })
  await assert.rejects(add({ email: 'BOB@example.com' }), { code: 'already_member' })
})

test('somebody who is added twice at once is added once', async (t) => {
  const { as, ids } = await testWorld(t)
  const input = { workspaceId: ids.workspace, userId: ids.eve }
  const results = await Promise.allSettled([addMember(as('ada'), input), addMember(as('cy'), input)])
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

test('who leaves a workspace leaves all its channels, and no other', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const { workspace: workspaceId, general, secret, bob } = ids
  await addParticipant(as('ada'), { conversationId: secret, userId: bob })
  const before = (await events()).length
  await getConversation(as('bob'), { conversationId: secret })
  await removeMember(as('bob'), { workspaceId, userId: bob })
  const told = (await events()).slice(before).map(({ type, streamId }) => `${type} ${streamId}`)
  assert.deepEqual(
    told.sort(),
    [
      `conversation.left ${bob}`,
      `conversation.left ${bob}`,
      `participant.left ${general}`,
      `participant.left ${secret}`,
      `member.left ${workspaceId}`,
      `workspace.left ${bob}`,
    ].sort(),
  )
  // Fails if what bob could see before were remembered.
  await assert.rejects(getConversation(as('bob'), { conversationId: secret }), { code: 'conversation_not_found' })
})

test('who comes into a channel while leaving the workspace is in neither', async (t) => {
  const { as, ids, runtime } = await testWorld(t)
  const { workspace: workspaceId, general: conversationId, cy } = ids
  for (let round = 0; round < 10; round++) {
    await Promise.allSettled([
      addParticipant(as('cy'), { conversationId }),
      removeMember(as('ada'), { workspaceId, userId: cy }),
    ])
    const left = await runtime.core.database.kysely
      .selectFrom('participants')
      .select('userId')
      .where('userId', '=', cy)
      .execute()
    assert.deepEqual(left, [], `round ${round}`)
    await addMember(as('ada'), { workspaceId, userId: cy })
  }
})

test('a member who was removed and comes back is notified again', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const input = { workspaceId: ids.workspace, userId: ids.eve }
  await addMember(as('ada'), input)
  await removeMember(as('ada'), input)
  await addMember(as('cy'), input)
  const notified = (await events()).filter(({ type }) => type === 'notification.created')
  assert.equal(notified.length, 2)
})

test('of two owners who demote each other at once, one stays', async (t) => {
  const { as, ids } = await testWorld(t)
  const { workspace: workspaceId, ada, cy } = ids
  await updateMember(as('ada'), { workspaceId, userId: cy, role: 'owner' })
  const results = await Promise.allSettled([
    updateMember(as('ada'), { workspaceId, userId: cy, role: 'member' }),
    updateMember(as('cy'), { workspaceId, userId: ada, role: 'member' }),
  ])
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

test('of two owners who leave at once, one stays', async (t) => {
  const { as, ids } = await testWorld(t)
  const { workspace: workspaceId, ada, cy } = ids
  await updateMember(as('ada'), { workspaceId, userId: cy, role: 'owner' })
  const results = await Promise.allSettled([
    removeMember(as('ada'), { workspaceId, userId: ada }),
    removeMember(as('cy'), { workspaceId, userId: cy }),
  ])
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

test('the last owner can neither leave nor step down', async (t) => {
  const { as, ids } = await testWorld(t)
  const { workspace: workspaceId, ada: userId } = ids
  await assert.rejects(updateMember(as('ada'), { workspaceId, userId, role: 'admin' }), { code: 'last_owner' })
  await assert.rejects(removeMember(as('ada'), { workspaceId, userId }), { code: 'last_owner' })
})

test('the same role again changes nothing', async (t) => {
  const { as, ids, events } = await testWorld(t)
  await updateMember(as('ada'), { workspaceId: ids.workspace, userId: ids.bob, role: 'member' })
  assert.deepEqual(await events(), [])
})

test('what administrators do to members is written down', async (t) => {
  const { as, ids, runtime } = await testWorld(t)
  const { workspace: workspaceId, bob: userId } = ids
  await updateMember(as('ada'), { workspaceId, userId, role: 'guest' })
  await removeMember(as('cy'), { workspaceId, userId })
  const entries = await runtime.core.database.kysely
    .selectFrom('auditEntries')
    .select(['action', 'actorId', 'targetId', 'before', 'after'])
    .orderBy('createdAt')
    .orderBy('action', 'desc')
    .execute()
  assert.deepEqual(entries, [
    {
      action: 'member.update',
      actorId: ids.ada,
      targetId: userId,
      before: { role: 'member' },
      after: { role: 'guest' },
    },
    { action: 'member.remove', actorId: ids.cy, targetId: userId, before: { role: 'guest' }, after: null },
  ])
})

test('members are found by role and by a part of their name, and % is only a character', async (t) => {
  const { as, ids } = await testWorld(t)
  const list = async (filter: object) => {
    const { rows } = await listMembers(as('bob'), { workspaceId: ids.workspace, limit: 50, ...filter })
    return rows.map(({ user }) => user.username).sort()
  }
  assert.deepEqual(await list({}), ['ada', 'bob', 'cy', 'gus'])
  assert.deepEqual(await list({ role: 'guest' }), ['gus'])
  assert.deepEqual(await list({ q: 'DA' }), ['ada'])
  assert.deepEqual(await list({ q: '%' }), [])
  await assert.rejects(list({ q: '\0' }), { code: 'invalid_request' })
})

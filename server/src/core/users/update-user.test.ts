import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { DANA, NOW, signedUp, whoIs } from '../../testing/signed-up.ts'
import { testWorld } from '../../testing/world.ts'
import { createSession } from '../sessions/create-session.ts'
import { deleteWorkspace } from '../workspaces/delete-workspace.ts'
import { getOwnUser } from './get-own-user.ts'
import { updateUser } from './update-user.ts'

test('a change is announced to oneself and to each of the workspaces, without the email', async (t) => {
  const world = await testWorld(t)
  world.setNow(NOW)
  const { ada, workspace } = world.ids
  const user = await updateUser(world.as('ada'), {
    name: ' Ada  L. ',
    username: 'Ada.L',
    email: 'Ada@Lovelace.example',
  })
  assert.deepEqual(
    [user.name, user.username, user.email, user.updatedAt],
    ['Ada  L.', 'Ada.L', 'Ada@Lovelace.example', NOW],
  )
  assert.deepEqual(await getOwnUser(world.as('ada')), user)
  const { email: _, ...shown } = user
  const events = await world.events()
  assert.deepEqual(
    events.map(({ type, streamId, workspaceId, data }) => ({ type, streamId, workspaceId, data })),
    [
      { type: 'user.updated', streamId: ada, workspaceId: null, data: { user: shown } },
      { type: 'user.updated', streamId: workspace, workspaceId: workspace, data: { user: shown } },
    ],
  )
})

test('what is not given stays, and where nothing changes nothing is said', async (t) => {
  const world = await testWorld(t)
  const before = await getOwnUser(world.as('ada'))
  assert.deepEqual(await updateUser(world.as('ada'), {}), before)
  assert.deepEqual(await updateUser(world.as('ada'), { name: 'ada', username: ' ada' }), before)
  assert.deepEqual(await world.events(), [])
  assert.equal((await updateUser(world.as('ada'), { username: 'ADA' })).username, 'ADA')
})

test('a deleted workspace hears nothing more', async (t) => {
  const world = await testWorld(t)
  await deleteWorkspace(world.as('ada'), { workspaceId: world.ids.workspace })
  await updateUser(world.as('bob'), { name: 'Robert' })
  const heard = (await world.events()).filter(({ type }) => type === 'user.updated')
  assert.deepEqual(
    heard.map(({ streamId }) => streamId),
    [world.ids.bob],
  )
})

test('every wrong field is named, and what others have is refused', async (t) => {
  const world = await testWorld(t)
  const wrong = updateUser(world.as('ada'), { username: '-', email: 'x', name: ' ', password: 'short' })
  await assert.rejects(wrong, (error: { fields: object }) => {
    assert.deepEqual(Object.keys(error.fields), ['username', 'email', 'name', 'password'])
    return true
  })
  await assert.rejects(updateUser(world.as('ada'), { username: 'BOB' }), { code: 'username_taken' })
  await assert.rejects(updateUser(world.as('ada'), { email: 'BOB@example.com' }), { code: 'email_taken' })
  assert.deepEqual(await world.events(), [])
})

test('of two who take one username at once, one gets it', async (t) => {
  const world = await testWorld(t)
  const results = await Promise.allSettled(
    (['ada', 'bob', 'eve'] as const).map((name) => updateUser(world.as(name), { username: 'boss' })),
  )
  const refusals = results.filter((result) => result.status === 'rejected')
  assert.deepEqual(
    refusals.map(({ reason }) => reason.code),
    ['username_taken', 'username_taken'],
  )
})

test('a new password needs the current one, and ends the other sessions', async (t) => {
  const { world, dana } = await signedUp(t)
  const other = await createSession(world.anonymous(), DANA)
  const ctx = world.asUser(dana.user.id, dana.sessionId)
  const password = 'battery staple'
  await assert.rejects(updateUser(ctx, { password }), (error: { fields: object }) => {
    assert.deepEqual(Object.keys(error.fields), ['current_password'])
    return true
  })
  const wrong = updateUser(ctx, { password, name: 'Not Dana', currentPassword: 'wrong' })
  await assert.rejects(wrong, { code: 'wrong_password', param: 'current_password' })
  assert.deepEqual(await getOwnUser(ctx), dana.user)
  await whoIs(world, other)

  world.setNow(addMs(NOW, 1))
  assert.deepEqual(await updateUser(ctx, { password, currentPassword: DANA.password }), dana.user)
  await whoIs(world, dana)
  await assert.rejects(whoIs(world, other), { code: 'invalid_access_token' })
  await assert.rejects(createSession(world.anonymous(), DANA), { code: 'wrong_credentials' })
  await createSession(world.anonymous(), { ...DANA, password })
  const events = await world.events()
  assert.deepEqual(
    events.map(({ type, data }) => [type, data]),
    [['session.revoked', { sessionId: other.sessionId }]],
  )
})

test('of two who change one password at once, one is told that it is another by now', async (t) => {
  const { world, dana } = await signedUp(t)
  const change = (password: string) =>
    updateUser(world.asUser(dana.user.id, dana.sessionId), { password, currentPassword: DANA.password })
  const results = await Promise.allSettled([change('first of two'), change('second of two')])
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

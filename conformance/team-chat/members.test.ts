import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makePerson, makeTeam, say } from './team.ts'

const { url } = await startTestServer()

test('a member is added by id, email or username, once, and hears of it', async () => {
  const { ada, workspace } = await makeTeam(url)
  const path = `/workspaces/${workspace}/members`
  for (const field of ['user_id', 'email', 'username'] as const) {
    const person = await makePerson(url, 'newcomer')
    const named = { user_id: person.id, email: person.email.toUpperCase(), username: person.username }[field]
    const member = await ok(201, ada.post(path, { [field]: named }))
    assert.deepEqual(
      [member.id, member.user_id, member.workspace_id, member.role, member.user.username],
      [person.id, person.id, workspace, 'member', person.username],
    )
    assert.equal(member.user.email, undefined)
    await refused('409 already_member', ada.post(path, { [field]: named }))
    assert.equal((await ok(200, person.get(`/workspaces/${workspace}`))).role, 'member')
    const { data, unread_count } = await ok(200, person.get('/notifications'))
    assert.deepEqual(
      [unread_count, data[0].event_type, data[0].target_type, data[0].target_id, data[0].actor_user_id],
      [1, 'workspace_invite', 'workspace', workspace, ada.id],
    )
  }
})

test('of one person added six times at once there is one member', async () => {
  const { ada, workspace, eve } = await makeTeam(url)
  const path = `/workspaces/${workspace}/members`
  const answers = await Promise.all(Array.from({ length: 6 }, () => ada.post(path, { user_id: eve.id })))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409])
  assert.equal((await ok(200, eve.get('/notifications'))).unread_count, 1)
})

test('what adding a member must have', async () => {
  const { ada, eve, bob, workspace } = await makeTeam(url)
  const path = `/workspaces/${workspace}/members`
  await refused('422 invalid_request user_id', ada.post(path, {}))
  await refused('422 invalid_request user_id', ada.post(path, { user_id: 'x' }))
  await refused('422 invalid_request user_id', ada.post(path, { user_id: eve.id, email: bob.email }))
  await refused('422 invalid_request role', ada.post(path, { user_id: eve.id, role: 'king' }))
  await refused('422 invalid_request email', ada.post(path, { email: 5 }))
  await refused('404 user_not_found user_id', ada.post(path, { user_id: randomUUID() }))
  await refused('404 user_not_found email', ada.post(path, { email: 'nobody@example.com' }))
  await refused('422 invalid_request workspace_id', ada.post('/workspaces/x/members', { user_id: eve.id }))
})

test('who may add whom', async () => {
  const { ada, bob, cy, gus, eve, mallory, workspace } = await makeTeam(url)
  const path = `/workspaces/${workspace}/members`
  for (const person of [bob, gus]) {
    await refused('403 permission_denied', person.post(path, { user_id: eve.id }))
    // Also of somebody who has no account: the answer tells nothing of that.
    await refused('403 permission_denied', person.post(path, { email: 'nobody@example.com' }))
  }
  await refused('403 permission_denied', cy.post(path, { user_id: eve.id, role: 'owner' }))
  await refused('404 workspace_not_found', mallory.post(path, { user_id: mallory.id, role: 'owner' }))
  await refused('404 workspace_not_found', eve.post(path, { user_id: eve.id }))
  assert.equal((await ok(201, cy.post(path, { user_id: eve.id, role: 'agent' }))).role, 'agent')
  assert.equal((await ok(201, ada.post(path, { user_id: mallory.id, role: 'owner' }))).role, 'owner')
})

test('members are listed, found by name and by role, not by guests', async () => {
  const { ada, bob, cy, gus, eve, workspace } = await makeTeam(url)
  const path = `/workspaces/${workspace}/members`
  const ids = async (query = '') => (await readAll(bob.get, path + query)).map(({ user_id }) => user_id).sort()
  assert.deepEqual(await ids(), [ada.id, bob.id, cy.id, gus.id].sort())
  assert.deepEqual(await ids('?limit=1'), await ids())
  assert.deepEqual(await ids('?role=admin'), [cy.id])
  assert.deepEqual(await ids(`?q=${cy.username}`), [cy.id])
  await refused('403 permission_denied', gus.get(path))
  await refused('404 workspace_not_found', eve.get(path))
  await refused('422 invalid_request role', bob.get(`${path}?role=king`))
  await refused('422 invalid_cursor', bob.get(`${path}?cursor=x`))
})

test('roles are given by owners and admins; the last owner stays one', async () => {
  const { ada, bob, cy, gus, workspace, eve, mallory } = await makeTeam(url)
  const path = (id: string) => `/workspaces/${workspace}/members/${id}`
  assert.equal((await ok(200, cy.put(path(bob.id), { role: 'admin' }))).role, 'admin')
  assert.equal((await ok(200, ada.patch(path(bob.id), { role: 'member' }))).role, 'member')
  await refused('403 permission_denied', bob.put(path(bob.id), { role: 'admin' }))
  await refused('403 permission_denied', gus.put(path(gus.id), { role: 'member' }))
  await refused('403 permission_denied', cy.put(path(cy.id), { role: 'owner' }))
  await refused('403 permission_denied', cy.put(path(ada.id), { role: 'member' }))
  await refused('409 last_owner', ada.put(path(ada.id), { role: 'member' }))
  await refused('404 member_not_found', ada.put(path(eve.id), { role: 'member' }))
  await refused('404 workspace_not_found', mallory.put(path(mallory.id), { role: 'owner' }))
  await refused('422 invalid_request role', ada.put(path(bob.id), {}))
  await refused('422 invalid_request user_id', ada.put(path('x'), { role: 'member' }))
  await ok(200, ada.put(path(cy.id), { role: 'owner' }))
  await ok(200, ada.put(path(ada.id), { role: 'member' }))
})

test('of two owners who leave at once, one stays', async () => {
  const { ada, bob, workspace } = await makeTeam(url)
  const path = `/workspaces/${workspace}/members`
  await ok(200, ada.put(`${path}/${bob.id}`, { role: 'owner' }))
  const answers = await Promise.all([ada.delete(`${path}/${ada.id}`), bob.delete(`${path}/${bob.id}`)])
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409])
})

test('a member is removed by path, by query and by body, and loses all channels at once', async () => {
  const { ada, bob, eve, gus, workspace, general, secret } = await makeTeam(url)
  const path = `/workspaces/${workspace}/members`
  await ok(201, ada.post(path, { user_id: eve.id }))
  await ok(204, ada.delete(`${path}?user_id=${eve.id}`))
  await refused('404 workspace_not_found', eve.get(`/workspaces/${workspace}`))
  await ok(204, ada.delete(path, { user_id: gus.id }))
  const { id: message } = await say(bob, secret, 'before')
  await ok(204, ada.delete(`${path}/${bob.id}`))
  for (const channel of [general, secret]) {
    await refused('404 channel_not_found', bob.get(`/channels/${channel}/messages`))
    await refused('404 channel_not_found', bob.post(`/channels/${channel}/messages`, { body: 'after' }))
  }
  await refused('404 message_not_found', bob.put(`/messages/${message}`, { body: 'after' }))
  assert.equal((await ok(200, ada.get(`/messages/${message}`))).body, 'before')
  await refused('404 member_not_found', ada.delete(`${path}/${bob.id}`))
  await refused('422 invalid_request user_id', ada.delete(path))
  await refused('422 invalid_request user_id', ada.delete(path, { user_id: 'x' }))
  // Who comes back is in no private channel any more.
  await ok(201, ada.post(path, { user_id: bob.id }))
  await refused('404 channel_not_found', bob.get(`/channels/${secret}`))
})

test('who may remove whom', async () => {
  const { ada, bob, cy, gus, eve, mallory, workspace } = await makeTeam(url)
  const path = (id: string) => `/workspaces/${workspace}/members/${id}`
  await refused('403 permission_denied', bob.delete(path(gus.id)))
  await refused('403 permission_denied', gus.delete(path(bob.id)))
  await refused('403 permission_denied', cy.delete(path(ada.id)))
  await refused('404 workspace_not_found', eve.delete(path(bob.id)))
  await refused('404 workspace_not_found', mallory.delete(path(bob.id)))
  await refused('409 last_owner', ada.delete(path(ada.id)))
  await ok(204, gus.delete(path(gus.id)))
  await ok(204, cy.delete(path(bob.id)))
})

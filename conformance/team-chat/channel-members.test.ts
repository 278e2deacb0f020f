import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makeTeam, say } from './team.ts'

const { url } = await startTestServer()

test('somebody is brought into a channel once, and hears of it', async () => {
  const { ada, bob, cy, secret } = await makeTeam(url)
  const path = `/channels/${secret}/members`
  const added = await ok(201, bob.post(path, { user_id: cy.id }))
  assert.deepEqual(
    [added.id, added.user_id, added.channel_id, added.user.username],
    [cy.id, cy.id, secret, cy.username],
  )
  assert.equal((await ok(200, cy.get(`/channels/${secret}`))).is_member, true)
  const { data } = await ok(200, cy.get('/notifications'))
  assert.deepEqual([data[0].event_type, data[0].target_type, data[0].target_id], ['channel_invite', 'channel', secret])
  await refused('409 already_channel_member user_id', ada.post(path, { user_id: cy.id }))
})

test('one comes into a public channel by oneself, by asking and by writing', async () => {
  const { bob, cy, makeChannel, gus, eve } = await makeTeam(url)
  const lounge = await makeChannel({ name: 'lounge' })
  const path = `/channels/${lounge}/members`
  assert.equal((await ok(201, bob.post(path))).user_id, bob.id)
  await refused('409 already_channel_member', bob.post(path, {}))
  await say(cy, lounge, 'hello')
  assert.equal((await ok(200, cy.get(`/channels/${lounge}`))).is_member, true)
  for (const person of [gus, eve]) {
    await refused('404 channel_not_found', person.post(path))
    await refused('404 channel_not_found', person.post(`/channels/${lounge}/messages`, { body: 'hi' }))
  }
})

test('of one person brought in six times at once there is one', async () => {
  const { ada, bob, makeChannel } = await makeTeam(url)
  const path = `/channels/${await makeChannel({ name: 'race', is_private: true })}/members`
  const answers = await Promise.all(Array.from({ length: 6 }, () => ada.post(path, { user_id: bob.id })))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409])
  assert.equal((await readAll(ada.get, path)).length, 2)
})

test('only people of the workspace can be brought in, by those who are in', async () => {
  const { ada, bob, cy, gus, eve, mallory, general, secret } = await makeTeam(url)
  await refused('422 not_a_workspace_member user_id', ada.post(`/channels/${general}/members`, { user_id: eve.id }))
  const nobody = await ada.post(`/channels/${general}/members`, { user_id: randomUUID() })
  assert.equal(nobody.status, 422)
  await refused('422 invalid_request user_id', ada.post(`/channels/${general}/members`, { user_id: 5 }))
  await refused('422 invalid_request channel_id', ada.post('/channels/x/members', { user_id: bob.id }))
  await refused('404 channel_not_found', cy.post(`/channels/${secret}/members`, { user_id: cy.id }))
  await refused('404 channel_not_found', mallory.post(`/channels/${general}/members`, { user_id: mallory.id }))
  await ok(201, ada.post(`/channels/${general}/members`, { user_id: gus.id }))
  await refused('403 permission_denied', gus.post(`/channels/${general}/members`, { user_id: eve.id }))
})

test('the members are listed page by page to whoever sees the channel', async () => {
  const { ada, bob, cy, gus, eve, general, secret } = await makeTeam(url)
  const ids = async (person: typeof ada, channel: string, query = '') =>
    (await readAll(person.get, `/channels/${channel}/members${query}`)).map(({ user_id }) => user_id).sort()
  assert.deepEqual(await ids(cy, general), [ada.id, bob.id, cy.id].sort())
  assert.deepEqual(await ids(cy, general, '?limit=1'), await ids(cy, general))
  assert.deepEqual(await ids(bob, secret), [ada.id, bob.id].sort())
  for (const person of [gus, eve]) await refused('404 channel_not_found', person.get(`/channels/${general}/members`))
})

test('a person is taken out by path, by query and by body, and sees nothing any more', async () => {
  const { ada, bob, cy, secret } = await makeTeam(url)
  const path = `/channels/${secret}/members`
  const bring = () => ok(201, ada.post(path, { user_id: cy.id }))
  for (const take of [
    () => ada.delete(`${path}/${cy.id}`),
    () => ada.delete(`${path}?user_id=${cy.id}`),
    () => ada.delete(path, { user_id: cy.id }),
  ]) {
    await bring()
    await ok(200, cy.get(`/channels/${secret}/messages`))
    await ok(204, take())
    await refused('404 channel_not_found', cy.get(`/channels/${secret}/messages`))
    await refused('404 channel_not_found', cy.post(`/channels/${secret}/messages`, { body: 'still here' }))
  }
  await refused('404 channel_member_not_found', ada.delete(`${path}/${cy.id}`))
  await refused('422 invalid_request user_id', ada.delete(path))
  await ok(204, bob.delete(`${path}/${bob.id}`))
  await refused('404 channel_not_found', bob.get(`/channels/${secret}`))
})

test('who may take whom out', async () => {
  const { ada, bob, cy, gus, eve, general } = await makeTeam(url)
  const path = (id: string) => `/channels/${general}/members/${id}`
  await ok(201, ada.post(`/channels/${general}/members`, { user_id: gus.id }))
  await refused('403 permission_denied', bob.delete(path(cy.id)))
  await refused('403 permission_denied', gus.delete(path(bob.id)))
  await refused('404 channel_not_found', eve.delete(path(bob.id)))
  await ok(204, cy.delete(path(bob.id)))
  await ok(204, gus.delete(path(gus.id)))
  await refused('404 channel_not_found', gus.get(`/channels/${general}`))
})

test('a guest sees the channels that it was added to, and nothing else of the workspace', async () => {
  const { ada, bob, gus, workspace, general, secret } = await makeTeam(url)
  await say(bob, general, 'not for guests')
  await refused('404 channel_not_found', gus.get(`/channels/${general}`))
  await refused('404 channel_not_found', gus.get(`/channels/${general}/messages`))
  await ok(201, ada.post(`/channels/${secret}/members`, { user_id: gus.id }))
  await say(gus, secret, 'thank you')
  assert.equal((await ok(200, gus.get(`/channels/${secret}/messages`))).data.length, 1)
  await refused('403 permission_denied', gus.get(`/workspaces/${workspace}/members`))
  await refused('403 permission_denied', gus.post(`/workspaces/${workspace}/channels`, { name: 'mine' }))
  await refused('403 permission_denied', gus.put(`/workspaces/${workspace}`, { name: 'mine' }))
  assert.deepEqual((await ok(200, gus.get('/search/messages?q=guests'))).data, [])
  assert.equal((await readAll(gus.get, `/workspaces/${workspace}/channels`)).length, 1)
})

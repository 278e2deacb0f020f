import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makeTeam, say } from './team.ts'

const { url } = await startTestServer()

test('a channel is made with its name, description and members', async () => {
  const { ada, bob, workspace } = await makeTeam(url)
  const path = `/workspaces/${workspace}/channels`
  const { id, created_at, ...made } = await ok(
    201,
    bob.post(path, { name: ' #Plans 2026 ', description: 'what next', member_ids: [ada.id] }),
  )
  assert.deepEqual(made, {
    workspace_id: workspace,
    kind: 'channel',
    name: 'Plans 2026',
    description: 'what next',
    is_private: false,
    is_member: true,
    created_by: bob.id,
    unread_count: 0,
    last_message_at: null,
    updated_at: created_at,
  })
  assert.deepEqual(await ok(200, ada.get(`/channels/${id}`)), { id, created_at, ...made })
  const { data } = await ok(200, ada.get('/notifications?type=channel_invite'))
  assert.deepEqual(
    data.map(({ target_id, actor_user_id }: never) => [target_id, actor_user_id]),
    [[id, bob.id]],
  )
})

test('what a channel must have', async () => {
  const { ada, eve, gus, mallory, workspace } = await makeTeam(url)
  const path = `/workspaces/${workspace}/channels`
  await refused('422 invalid_request name', ada.post(path, {}))
  const wrong: [field: string, value: unknown][] = [
    ['name', ''],
    ['name', '#'],
    ['name', 'x'.repeat(81)],
    ['name', 5],
    ['description', 'x'.repeat(1_001)],
    ['description', {}],
    ['is_private', 'yes'],
    ['member_ids', 'all'],
    ['member_ids', Array(101).fill(ada.id)],
  ]
  for (const [field, value] of wrong) {
    await refused(`422 invalid_request ${field}`, ada.post(path, { name: 'fine', [field]: value }))
  }
  await refused('422 invalid_request member_ids.0', ada.post(path, { name: 'fine', member_ids: ['x'] }))
  const outsider = await ada.post(path, { name: 'fine', member_ids: [eve.id] })
  assert.equal(outsider.status, 422)
  await refused('403 permission_denied', gus.post(path, { name: 'mine' }))
  for (const stranger of [eve, mallory]) {
    await refused('404 workspace_not_found', stranger.post(path, { name: 'mine' }))
  }
  await refused('422 invalid_request workspace_id', ada.post('/workspaces/x/channels', { name: 'fine' }))
  const names = (await readAll(ada.get, path)).map(({ name }) => name)
  assert.deepEqual(names.sort(), ['general', 'secret'])
})

test('a name is taken once in a workspace, whatever its case, and free again after a deletion', async () => {
  const { ada, workspace, general, makeChannel, mallory } = await makeTeam(url)
  const path = `/workspaces/${workspace}/channels`
  await refused('409 channel_name_taken name', ada.post(path, { name: '#General' }))
  const answers = await Promise.all(Array.from({ length: 5 }, () => ada.post(path, { name: 'race' })))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409])
  const other = await makeChannel({ name: 'other' })
  await refused('409 channel_name_taken name', ada.put(`/channels/${other}`, { name: 'general' }))
  const elsewhere = await ok(201, mallory.post('/workspaces', { name: 'Elsewhere' }))
  await ok(201, mallory.post(`/workspaces/${elsewhere.id}/channels`, { name: 'general' }))
  await ok(204, ada.delete(`/channels/${general}`))
  await makeChannel({ name: 'general' })
})

test('the list has the public channels and the private ones that one is in', async () => {
  const { ada, bob, cy, gus, eve, workspace, general, secret, makeChannel } = await makeTeam(url)
  const path = `/workspaces/${workspace}/channels`
  const lounge = await makeChannel({ name: 'lounge' })
  const ids = async (person: typeof ada, query = '') => (await readAll(person.get, path + query)).map(({ id }) => id)
  assert.deepEqual(await ids(ada), [general, secret, lounge])
  assert.deepEqual(await ids(bob, '?limit=1'), [general, secret, lounge])
  assert.deepEqual(await ids(cy), [general, lounge])
  assert.deepEqual(await ids(bob, '?member_only=true'), [general, secret])
  assert.deepEqual(await ids(bob, '?q=LOUN'), [lounge])
  assert.deepEqual(await ids(gus), [])
  await ok(201, ada.post(`/channels/${secret}/members`, { user_id: gus.id }))
  assert.deepEqual(await ids(gus), [secret])
  await refused('404 workspace_not_found', eve.get(path))
  await refused('422 invalid_request member_only', ada.get(`${path}?member_only=perhaps`))
})

test('a private channel probed by a non-member is like one that was never there', async () => {
  const { ada, cy, gus, eve, mallory, secret } = await makeTeam(url)
  const message = await say(ada, secret, 'the plan')
  const never = randomUUID()
  for (const person of [cy, gus, eve, mallory]) {
    for (const [hidden, missing, ask] of [
      [`/channels/${secret}`, `/channels/${never}`, person.get],
      [`/channels/${secret}/messages`, `/channels/${never}/messages`, person.get],
      [`/channels/${secret}/members`, `/channels/${never}/members`, person.get],
      [`/channels/${secret}/members`, `/channels/${never}/members`, (path: string) => person.post(path, {})],
      [
        `/channels/${secret}/messages`,
        `/channels/${never}/messages`,
        (path: string) => person.post(path, { body: 'x' }),
      ],
      [`/channels/${secret}`, `/channels/${never}`, (path: string) => person.put(path, { name: 'x' })],
      [`/channels/${secret}`, `/channels/${never}`, person.delete],
      [`/channels/${secret}/read`, `/channels/${never}/read`, person.put],
      [`/messages/${message.id}`, `/messages/${never}`, person.get],
      [`/messages/${message.id}/replies`, `/messages/${never}/replies`, person.get],
      [`/messages/${message.id}`, `/messages/${never}`, person.delete],
    ] as const) {
      const [found, nothing] = [await ask(hidden), await ask(missing)]
      assert.deepEqual([found.status, found.body], [404, nothing.body], hidden)
    }
    assert.deepEqual((await ok(200, person.get('/search/messages?q=plan'))).data, [])
  }
  assert.deepEqual((await ok(200, ada.get(`/channels/${secret}/messages`))).data.length, 1)
})

test('a channel is changed and deleted by its creator, owner and admins', async () => {
  const { ada, bob, cy, gus, workspace, general } = await makeTeam(url)
  const { id } = await ok(201, bob.post(`/workspaces/${workspace}/channels`, { name: 'bobs', member_ids: [gus.id] }))
  const path = `/channels/${id}`
  assert.equal((await ok(200, bob.put(path, { name: 'b1' }))).name, 'b1')
  assert.equal((await ok(200, cy.patch(path, { description: 'of bob' }))).description, 'of bob')
  assert.equal((await ok(200, ada.put(path, { description: null }))).description, null)
  await refused('403 permission_denied', gus.put(path, { name: 'g' }))
  await refused('403 permission_denied', bob.put(`/channels/${general}`, { name: 'mine' }))
  await refused('403 permission_denied', bob.delete(`/channels/${general}`))
  await refused('422 invalid_request name', bob.put(path, { name: '' }))
  await refused('422 invalid_request is_private', bob.put(path, { is_private: 1 }))
  await refused('422 invalid_request channel_id', bob.put('/channels/x', { name: 'x' }))
  const { id: message } = await say(bob, id, 'hi')
  await ok(204, bob.delete(path))
  await refused('404 channel_not_found', bob.get(path))
  await refused('404 channel_not_found', bob.delete(path))
  await refused('404 channel_not_found', bob.post(`${path}/messages`, { body: 'hi' }))
  await refused('404 message_not_found', bob.get(`/messages/${message}`))
})

test('a channel that becomes private is gone for whoever is not in it, and comes back when it is public', async () => {
  const { ada, cy, bob, makeChannel } = await makeTeam(url)
  const id = await makeChannel({ name: 'turn', member_ids: [bob.id] })
  await say(ada, id, 'hello')
  assert.equal((await ok(200, cy.get(`/channels/${id}/messages`))).data.length, 1)
  await ok(200, ada.put(`/channels/${id}`, { is_private: true }))
  await refused('404 channel_not_found', cy.get(`/channels/${id}/messages`))
  assert.equal((await ok(200, bob.get(`/channels/${id}/messages`))).data.length, 1)
  await ok(200, ada.put(`/channels/${id}`, { is_private: false }))
  assert.equal((await ok(200, cy.get(`/channels/${id}/messages`))).data.length, 1)
})

test('reading moves forward only, and counts what others wrote', async () => {
  const { ada, bob, eve, gus, general } = await makeTeam(url)
  const path = `/channels/${general}`
  const sent = []
  for (let i = 0; i < 4; i++) sent.push(await say(ada, general, `${i}`))
  await say(bob, general, 'mine')
  const unread = async () => (await ok(200, bob.get(path))).unread_count
  const before = await unread()
  const first = await ok(200, bob.put(`${path}/read`, { message_id: sent[1].id }))
  assert.equal(first.channel_id, general)
  assert.ok(first.read_sequence >= 2 && first.unread_count <= before)
  assert.equal(await unread(), first.unread_count)
  const again = await ok(200, bob.put(`${path}/read`, { message_id: sent[0].id }))
  assert.deepEqual(again, first)
  await say(ada, general, 'news')
  assert.equal(await unread(), first.unread_count + 1)
  assert.deepEqual(await ok(200, bob.put(`${path}/read`)), { channel_id: general, read_sequence: 6, unread_count: 0 })
  await refused('404 message_not_found', bob.put(`${path}/read`, { message_id: randomUUID() }))
  await refused('422 invalid_request message_id', bob.put(`${path}/read`, { message_id: 'x' }))
  for (const person of [eve, gus]) await refused('404 channel_not_found', person.put(`${path}/read`))
})

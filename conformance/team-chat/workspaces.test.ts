import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makePerson, makeTeam, say } from './team.ts'

const { url } = await startTestServer()

test('whoever makes a workspace owns it', async () => {
  const ada = await makePerson(url, 'ada')
  const domain = `acme-${randomUUID().slice(0, 8)}`
  const made = await ok(201, ada.post('/workspaces', { name: '  Acme & Söhne ', domain: domain.toUpperCase() }))
  assert.deepEqual([made.name, made.domain, made.role, made.created_by], ['Acme & Söhne', domain, 'owner', ada.id])
  assert.deepEqual(await ok(200, ada.get(`/workspaces/${made.id}`)), made)
  const unnamed = await ok(201, ada.post('/workspaces', { name: 'Böhm & Sons' }))
  assert.match(unnamed.domain, /^bohm-sons/)
})

test('what a workspace must have', async () => {
  const ada = await makePerson(url, 'ada')
  await refused('422 invalid_request name', ada.post('/workspaces', {}))
  const wrong: [field: string, value: unknown][] = [
    ['name', ''],
    ['name', '  '],
    ['name', 5],
    ['name', 'x'.repeat(101)],
    ['name', 'two\nlines'],
    ['domain', '-dash'],
    ['domain', 'a.b'],
    ['domain', 'x'.repeat(64)],
    ['domain', true],
  ]
  for (const [field, value] of wrong) {
    await refused(`422 invalid_request ${field}`, ada.post('/workspaces', { name: 'Fine', [field]: value }))
  }
  assert.deepEqual((await ok(200, ada.get('/workspaces'))).data, [])
})

test('a domain is taken once, and free again when its workspace is deleted', async () => {
  const [ada, bob] = [await makePerson(url, 'ada'), await makePerson(url, 'bob')]
  const body = { name: 'One', domain: `one-${randomUUID().slice(0, 8)}` }
  const { id } = await ok(201, ada.post('/workspaces', body))
  const other = await ok(201, bob.post('/workspaces', { name: 'Two' }))
  await refused('409 domain_taken domain', bob.post('/workspaces', body))
  await refused('409 domain_taken domain', bob.put(`/workspaces/${other.id}`, { domain: body.domain }))
  await ok(204, ada.delete(`/workspaces/${id}`))
  assert.equal((await ok(201, bob.post('/workspaces', body))).domain, body.domain)
})

test('the list has the workspaces that one is in, page by page, also while more are made', async () => {
  const { ada, bob, workspace, mallory } = await makeTeam(url)
  const own: string[] = [workspace]
  for (const name of ['b', 'c', 'd']) own.push((await ok(201, ada.post('/workspaces', { name }))).id)
  const first = await ok(200, ada.get('/workspaces?limit=2'))
  assert.deepEqual([first.data.length, first.has_more], [2, true])
  const late = (await ok(201, ada.post('/workspaces', { name: 'late' }))).id
  const rest = await readAll(ada.get, `/workspaces?limit=2&cursor=${encodeURIComponent(first.next_cursor)}`)
  assert.deepEqual(
    [...first.data, ...rest].map(({ id }) => id),
    [...own, late],
  )
  assert.deepEqual(
    (await ok(200, bob.get('/workspaces'))).data.map(({ id, role }: never) => [id, role]),
    [[workspace, 'member']],
  )
  assert.ok(!(await readAll(mallory.get, '/workspaces')).some(({ id }) => id === workspace))
  for (const limit of ['0', '101', 'many', '-1', '1.5']) {
    await refused('422 invalid_request limit', ada.get(`/workspaces?limit=${limit}`))
  }
  await refused('422 invalid_cursor', ada.get('/workspaces?cursor=nonsense'))
})

test('a workspace is changed by its owner and admins only', async () => {
  const { ada, bob, cy, gus, eve, mallory, workspace } = await makeTeam(url)
  const path = `/workspaces/${workspace}`
  const renamed = await ok(200, ada.put(path, { name: 'Acme 2' }))
  assert.deepEqual([renamed.name, renamed.role], ['Acme 2', 'owner'])
  assert.equal((await ok(200, cy.patch(path, { name: 'Acme 3' }))).role, 'admin')
  for (const person of [bob, gus]) await refused('403 permission_denied', person.put(path, { name: 'Mine' }))
  for (const stranger of [eve, mallory]) {
    await refused('404 workspace_not_found', stranger.put(path, { name: 'Mine' }))
    await refused('404 workspace_not_found', stranger.get(path))
    await refused('404 workspace_not_found', stranger.delete(path))
  }
  await refused('422 invalid_request name', ada.put(path, { name: null }))
  assert.equal((await ok(200, gus.get(path))).name, 'Acme 3')
})

test('an owner deletes a workspace, and all in it is gone', async () => {
  const { ada, bob, cy, workspace, general, secret } = await makeTeam(url)
  const { id: message } = await say(bob, general, 'hi')
  for (const person of [bob, cy]) await refused('403 permission_denied', person.delete(`/workspaces/${workspace}`))
  await ok(204, ada.delete(`/workspaces/${workspace}`))
  for (const person of [ada, bob]) {
    await refused('404 workspace_not_found', person.get(`/workspaces/${workspace}`))
    await refused('404 workspace_not_found', person.get(`/workspaces/${workspace}/channels`))
    await refused('404 channel_not_found', person.get(`/channels/${general}`))
    await refused('404 channel_not_found', person.get(`/channels/${secret}/messages`))
    await refused('404 message_not_found', person.get(`/messages/${message}`))
    assert.deepEqual((await ok(200, person.get('/workspaces'))).data, [])
  }
  await refused('404 workspace_not_found', ada.delete(`/workspaces/${workspace}`))
  await refused('404 user_not_found', ada.get(`/users/${bob.id}`))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../harness/test-server.ts'
import { addMember, data, idsOf, makePerson, makeTeam, makeWorkspace, refused } from './team.ts'

const { url } = await startTestServer()

test('the members of the workspace are listed by name, with their role in this API’s words', async () => {
  const { ada, bob, cy, gus } = await makeTeam(url)
  const users = await data(200, bob.get('/users'))
  assert.deepEqual(idsOf(users), idsOf([ada, bob, cy, gus]))
  assert.deepEqual(users[0], {
    id: ada.id,
    name: ada.username,
    username: ada.username,
    email: ada.email,
    roles: ['ADMIN'],
  })
  const rolesOf = async (role: string) => idsOf(await data(200, bob.get(`/users?role=${role}`)))
  assert.deepEqual(await rolesOf('ADMIN'), idsOf([ada, cy]))
  assert.deepEqual(await rolesOf('USER'), idsOf([bob]))
  assert.deepEqual(await rolesOf('CUST'), idsOf([gus]))
  await refused('422 invalid_request role', bob.get('/users?role=OWNER'))
})

test('people are found by a part of their name, username or email, those whose name begins so first', async () => {
  const { ada, bob, cy, gus } = await makeTeam(url)
  assert.deepEqual(idsOf(await data(200, ada.get(`/users?search=${bob.username.toUpperCase()}`))), [bob.id])
  assert.deepEqual(idsOf(await data(200, ada.get(`/users/search?q=${gus.email}`))), [gus.id])
  // Everybody's email has an m, but nobody's name.
  const everybody = idsOf([ada, bob, cy, gus])
  assert.deepEqual(idsOf(await data(200, ada.get('/users/search?q=m'))), everybody)
  assert.deepEqual(idsOf(await data(200, ada.get('/users/search?q=c'))), idsOf([cy, ada, bob, gus]))
  for (const q of ['%25', '_', '\\']) assert.deepEqual(await data(200, ada.get(`/users/search?q=${q}`)), [])
  assert.deepEqual(idsOf(await data(200, ada.get('/users/search?q='))), everybody)
  await refused('422 invalid_request q', ada.get('/users/search'))
  await refused('422 invalid_request search', ada.get('/users?search=%00'))
})

test('people are left out by ids that are repeated, bracketed or separated by commas', async () => {
  const { ada, bob, cy, gus } = await makeTeam(url)
  const [a, b] = [bob.id, cy.id.toUpperCase()]
  const spellings = [
    `exclude=${a}&exclude=${b}`,
    `exclude[]=${a}&exclude[]=${b}`,
    `exclude%5B0%5D=${a}&exclude%5B1%5D=${b}`,
    `exclude=${a},${b}`,
    `exclude=${a}&exclude[]=${b},${a}`,
  ]
  for (const query of spellings) {
    assert.deepEqual(idsOf(await data(200, ada.get(`/users?${query}`))), idsOf([ada, gus]), query)
    assert.deepEqual(idsOf(await data(200, ada.get(`/users/search?q=&${query}`))), idsOf([ada, gus]), query)
  }
  assert.equal((await data(200, ada.get('/users?exclude='))).length, 4)
  await refused('422 invalid_request exclude', ada.get(`/users?exclude=${a},x`))
  const many = Array.from({ length: 101 }, () => crypto.randomUUID()).join(',')
  await refused('422 invalid_request exclude', ada.get(`/users?exclude=${many}`))
})

test('a list of people is bounded, and goes on page by page', async () => {
  const { ada, bob, cy, gus } = await makeTeam(url)
  const pages = []
  for (const page of [1, 2, 3]) pages.push(idsOf(await data(200, ada.get(`/users?pageSize=2&page=${page}`))))
  assert.deepEqual(pages, [idsOf([ada, bob]), idsOf([cy, gus]), []])
  for (const query of ['pageSize=0', 'pageSize=101', 'pageSize=x']) {
    await refused('422 invalid_request pageSize', ada.get(`/users?${query}`))
  }
  for (const query of ['page=0', 'page=1.5', 'page=10001']) {
    await refused('422 invalid_request page', ada.get(`/users?${query}`))
  }
})

test('the workspace is the one that is named, else the first that the caller joined as more than a guest', async () => {
  const { ada, bob, gus, mallory, workspace, otherWorkspace } = await makeTeam(url)
  const idsFor = async (asked: Parameters<typeof data>[1]) => idsOf(await data(200, asked))
  await addMember(url, bob, { owner: mallory, workspace: otherWorkspace, role: 'agent' })
  assert.equal((await idsFor(bob.get('/users'))).length, 4)
  assert.deepEqual(await idsFor(bob.within(otherWorkspace).get('/users')), idsOf([bob, mallory]))
  assert.deepEqual(await idsFor(mallory.get('/users')), idsOf([bob, mallory]))

  await refused('403 permission_denied', gus.get('/users'))
  const own = await makeWorkspace(url, gus)
  assert.deepEqual(await idsFor(gus.get('/users')), [gus.id])
  await refused('403 permission_denied', gus.within(workspace).get('/users'))
  assert.deepEqual(await idsFor(gus.within(own.toUpperCase()).get('/users')), [gus.id])
  await refused('422 invalid_request X-Workspace-Id', ada.within('acme').get('/users'))
})

test('strangers learn no more of a workspace than of one that is not there', async () => {
  const { eve, mallory, workspace } = await makeTeam(url)
  await refused('404 workspace_not_found', eve.get('/users'))
  const missing = await refused('404 workspace_not_found', mallory.within(crypto.randomUUID()).get('/users'))
  for (const path of ['/users', '/users/search?q=a']) {
    const answer = await refused('404 workspace_not_found', mallory.within(workspace).get(path))
    assert.deepEqual(answer, missing)
  }
  const nobody = await makePerson(url, 'nobody')
  await refused('404 workspace_not_found', nobody.within(workspace).get('/users'))
})

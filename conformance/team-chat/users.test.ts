import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { call } from '../harness/client.ts'
import { eventually } from '../harness/eventually.ts'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makePerson, makeTeam } from './team.ts'

const { url } = await startTestServer()

test('your own user has your email; others have it not', async () => {
  const { ada, bob } = await makeTeam(url)
  const me = await ok(200, ada.get('/users/me'))
  assert.deepEqual([me.id, me.username, me.email], [ada.id, ada.username, ada.email])
  assert.deepEqual(await ok(200, ada.get(`/users/${ada.id}`)), me)
  const { email, ...shown } = me
  assert.deepEqual(await ok(200, bob.get(`/users/${ada.id}`)), shown)
  assert.equal(email, ada.email)
})

test('people you share nothing with do not exist for you', async () => {
  const { ada, gus, eve, mallory, bob } = await makeTeam(url)
  for (const stranger of [eve, mallory]) {
    await refused('404 user_not_found', stranger.get(`/users/${ada.id}`))
    await refused('404 user_not_found', ada.get(`/users/${stranger.id}`))
  }
  await refused('404 user_not_found', ada.get(`/users/${randomUUID()}`))
  await refused('422 invalid_request user_id', ada.get('/users/not-an-id'))
  assert.equal((await ok(200, gus.get(`/users/${bob.id}`))).username, bob.username)
})

test('a profile is changed field by field, by PUT and by PATCH', async () => {
  const { ada, bob } = await makeTeam(url)
  const before = await ok(200, ada.get('/users/me'))
  const renamed = await ok(200, ada.put('/users/me', { name: '  Ada L.  ' }))
  assert.deepEqual(renamed, { ...before, name: 'Ada L.', updated_at: renamed.updated_at })
  const username = `${ada.username}.x`
  assert.equal((await ok(200, ada.patch('/users/me', { username }))).username, username)
  assert.equal((await ok(200, bob.get(`/users/${ada.id}`))).username, username)
  await refused('409 username_taken username', ada.put('/users/me', { username: bob.username.toUpperCase() }))
  await refused('409 email_taken email', ada.put('/users/me', { email: bob.email }))
  await refused('422 invalid_request username', ada.put('/users/me', { username: 'a b' }))
  await refused('422 invalid_request email', ada.put('/users/me', { email: 'nowhere' }))
  await refused('422 invalid_request name', ada.put('/users/me', { name: ' ' }))
  await refused('422 invalid_request name', ada.put('/users/me', { name: 5 }))
})

test('a new password asks for the old one, and ends the other sessions', async () => {
  const ada = await makePerson(url, 'ada')
  const login = (password: string) => call(url, 'POST', '/login', { body: { email: ada.email, password } })
  const { access_token: other } = await ok(200, login(ada.password))
  const password = 'a new long password'
  await refused('422 invalid_request current_password', ada.put('/users/me', { password }))
  await refused(
    '422 wrong_password current_password',
    ada.put('/users/me', { password, current_password: 'a wrong password' }),
  )
  await ok(200, ada.put('/users/me', { password, current_password: ada.password }))
  await ok(200, ada.get('/users/me'))
  await refused('401 invalid_access_token', call(url, 'GET', '/users/me', { token: other }))
  await refused('401 wrong_credentials', login(ada.password))
  await ok(200, login(password))
})

test('people are found by name and username, among those you share a workspace with', async () => {
  const { ada, bob, gus, eve, mallory, workspace } = await makeTeam(url)
  await ok(200, bob.put('/users/me', { name: 'Rosalind Frankl' }))
  await ok(200, mallory.put('/users/me', { name: 'Rosalind Frankl' }))
  const find = async (query: string) => (await readAll(ada.get, query)).map(({ id }) => id)
  for (const q of ['rosal', 'FRANKL', bob.username]) {
    assert.deepEqual(await find(`/users?q=${q}`), [bob.id])
    assert.deepEqual(await find(`/users/search?q=${q}&workspace_id=${workspace}`), [bob.id])
  }
  assert.deepEqual(await ok(200, eve.get('/users?q=rosal')), { data: [], next_cursor: null, has_more: false })
  assert.deepEqual((await ok(200, gus.get('/users?q=rosal'))).data, [])
  await refused('422 invalid_request q', ada.get('/users'))
  await refused('422 invalid_request q', ada.get('/users?q='))
  await refused('404 workspace_not_found', eve.get(`/users?q=rosal&workspace_id=${workspace}`))
  const found = await readAll(ada.get, `/users?q=${ada.username.split('-')[1]}&limit=1`)
  assert.equal(new Set(found.map(({ id }) => id)).size, found.length)
})

test('a status is chosen, shown to others, and taken back', async () => {
  const { ada, bob } = await makeTeam(url)
  const expires_at = new Date(Date.now() + 3_600_000).toISOString()
  for (const status of ['online', 'busy', 'out_of_office', 'offline']) {
    const set = await ok(200, ada.put('/users/me/status', { status, text: 'at the dentist', expires_at }))
    assert.deepEqual([set.status, set.status_text, set.status_expires_at], [status, 'at the dentist', expires_at])
    const { status: seen, status_text } = await ok(200, bob.get(`/users/${ada.id}`))
    assert.deepEqual([seen, status_text], [status, 'at the dentist'])
  }
  await ok(204, ada.delete('/users/me/status'))
  const cleared = await ok(200, bob.get(`/users/${ada.id}`))
  assert.deepEqual([cleared.status, cleared.status_text, cleared.status_expires_at], ['offline', null, null])
})

test('a status ends at its time', async () => {
  const { ada, bob } = await makeTeam(url)
  const expires_at = new Date(Date.now() + 1_000).toISOString()
  const { status } = await ok(200, ada.put('/users/me/status', { status: 'busy', text: 'soon back', expires_at }))
  assert.equal(status, 'busy')
  const seen = await eventually(async () => {
    const user = await ok(200, bob.get(`/users/${ada.id}`))
    assert.equal(user.status, 'offline')
    return user
  })
  assert.deepEqual([seen.status_text, seen.status_expires_at], [null, null])
  assert.ok(Date.now() >= Date.parse(expires_at))
})

test('what no status is', async () => {
  const ada = await makePerson(url, 'ada')
  const past = new Date(Date.now() - 1_000).toISOString()
  await refused('422 invalid_request status', ada.put('/users/me/status', { status: 'asleep' }))
  await refused('422 invalid_request status', ada.put('/users/me/status', {}))
  await refused('422 invalid_request text', ada.put('/users/me/status', { status: 'busy', text: 'x'.repeat(129) }))
  await refused('422 invalid_request expires_at', ada.put('/users/me/status', { status: 'busy', expires_at: past }))
  await refused('422 invalid_request expires_at', ada.put('/users/me/status', { status: 'busy', expires_at: 'soon' }))
})

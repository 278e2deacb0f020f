import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../harness/client.ts'
import { startTestServer } from '../harness/test-server.ts'
import { data, makeTeam, refused } from './team.ts'

const server = await startTestServer()

test('an unknown path is 404 and a wrong method 405 with those that there are, for everybody alike', async () => {
  const { ada } = await makeTeam(server.url)
  const unknown = ['/users/a/b', '/conversations/a/b/c/d', '/contacts/a/b', '/scheduled-messages/a/b', '/webhooks/none']
  for (const path of unknown) {
    const answer = await refused('404 route_not_found', ada.get(path))
    const stranger = await call(server.url, 'GET', `/api/v1${path}`)
    assert.deepEqual([stranger.status, stranger.body], [404, answer])
  }
  for (const [method, path] of [
    ['POST', '/users'],
    ['DELETE', '/users'],
    ['PATCH', '/users/search'],
  ] as const) {
    const answer = await call(server.url, method, `/api/v1${path}`)
    const shown = [answer.status, answer.body.success, answer.body.error.code, answer.headers.get('allow')]
    assert.deepEqual(shown, [405, false, 'method_not_allowed', 'GET, HEAD'])
  }
})

test('whoever is not signed in is told so before anything is looked at', async () => {
  for (const authorization of ['', 'Basic YTpi', 'Bearer nonsense']) {
    const answer = await call(server.url, 'GET', '/api/v1/users?role=none', { headers: { authorization } })
    assert.deepEqual([answer.status, answer.body.success], [401, false])
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
  }
})

test('with and without a slash at its end is the same route, and every reply says its limit and has a request id', async () => {
  const { ada } = await makeTeam(server.url)
  for (const path of ['/users', '/users/search?q=a']) {
    const [plain, slashed] = [await ada.get(path), await ada.get(path.replace(/(?=\?|$)/, '/'))]
    assert.deepEqual([slashed.status, slashed.body], [200, plain.body])
    assert.notEqual(plain.headers.get('x-request-id'), slashed.headers.get('x-request-id'))
    for (const { headers } of [plain, slashed]) assert.ok(Number(headers.get('x-ratelimit-remaining')) > 0)
  }
})

test('the description names the routes and what they are signed in with', async () => {
  const { status, body } = await call(server.url, 'GET', '/openapi/inbox.json')
  assert.equal(status, 200)
  assert.deepEqual(body.security, [{ bearer: [] }])
  assert.ok('/api/v1/users' in body.paths)
  const { ada } = await makeTeam(server.url)
  assert.equal((await data(200, ada.get('/users'))).length, 4)
})

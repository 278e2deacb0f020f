import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../harness/client.ts'
import { startTestServer } from '../harness/test-server.ts'
import { data, makeTeam, refused, rows } from './team.ts'

const server = await startTestServer()

test('an unknown path is 404 and a wrong method 405 with those that there are, for everybody alike', async () => {
  const { ada } = await makeTeam(server.url)
  const unknown = ['/users/a/b', '/conversations/a/b/c/d', '/contacts/a/b', '/scheduled-messages/a/b', '/webhooks/none']
  for (const path of unknown) {
    const answer = await refused('404 route_not_found', ada.get(path))
    const stranger = await call(server.url, 'GET', `/api/v1${path}`)
    assert.deepEqual([stranger.status, stranger.body], [404, answer])
    // There is nothing that could take a body, whatever it is.
    const form = { method: 'POST', body: new URLSearchParams({ a: 'b' }) }
    const posted = await fetch(`${server.url}/api/v1${path}`, form)
    assert.deepEqual([posted.status, await posted.json()], [404, answer])
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

test('malformed JSON is 400, a body over the limit 413, another type 415, each in the dialect’s shape', async () => {
  const { ada } = await makeTeam(server.url)
  for (const body of ['{', '{fullName: 1}', '\u0000']) await refused('400 malformed_json', ada.post('/contacts', body))
  await refused('413 body_too_large', ada.post('/contacts', JSON.stringify({ fullName: 'x'.repeat(2_000_000) })))
  const headers = { 'content-type': 'text/plain' }
  await refused('415 unsupported_media_type', ada.post('/contacts', 'x', { headers }))
  for (const body of ['null', '[]', '"text"', '5']) assert.equal((await ada.post('/contacts', body)).status, 422)
  assert.deepEqual(await rows(ada.get('/contacts')), [])
})

test('a POST with an Idempotency-Key is done once, for each person by themselves', async () => {
  const { ada, bob } = await makeTeam(server.url)
  const headers = { 'idempotency-key': 'make' }
  const body = { fullName: 'Carol', email: 'carol@example.com' }
  const [first, again] = [
    await ada.post('/contacts', body, { headers }),
    await ada.post('/contacts', body, { headers }),
  ]
  assert.deepEqual([first.status, again.status, again.body], [201, 201, first.body])
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  await refused('409 idempotency_key_reused', ada.post('/contacts', { ...body, fullName: 'Other' }, { headers }))
  const theirs = await bob.post('/contacts', { ...body, email: 'dan@example.com' }, { headers })
  assert.deepEqual([theirs.status, theirs.headers.get('idempotency-replayed')], [201, null])
  const refusal = await bob.post('/contacts', {}, { headers: { 'idempotency-key': 'x y' } })
  assert.equal(refusal.status, 422)
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

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { call } from '../harness/client.ts'
import { ok, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makePerson, makeTeam, say } from './team.ts'

const { url } = await startTestServer({ PARLANCE_LIMIT_SENDS: '60', PARLANCE_LIMIT_REQUESTS: '400' })

test('malformed JSON is 400, and changes nothing', async () => {
  const { ada, general } = await makeTeam(url)
  const path = `/channels/${general}/messages`
  for (const body of ['{"body": "x"', '{body: 1}', 'body=x', '\u0000', '{"body":"x"}{', "{'body':'x'}"]) {
    await refused('400 malformed_json', ada.post(path, body))
  }
  await refused('400 malformed_json', call(url, 'POST', '/login', { body: '{' }))
  for (const body of ['null', '[]', '"text"', '5', 'true']) {
    const answer = await ada.post(path, body)
    assert.equal(answer.status, 422, body)
  }
  const notUtf8 = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
    body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  })
  assert.equal(notUtf8.status, 400)
  assert.deepEqual((await ok(200, ada.get(path))).data, [])
})

test('a body of 10 MB is 413, announced or not, before and after signing in', async () => {
  const ada = await makePerson(url, 'ada')
  const body = JSON.stringify({ name: 'x'.repeat(10_000_000) })
  // A client that writes it all before it reads must still hear the answer.
  for (let i = 0; i < 10; i++) await refused('413 body_too_large', ada.post('/workspaces', body))
  await refused('413 body_too_large', call(url, 'POST', '/login', { body }))
  await refused('401 unauthenticated', call(url, 'POST', '/workspaces', { body }))
  const streamed = await fetch(`${url}/workspaces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
    body: new Blob([body]).stream(),
    duplex: 'half',
  })
  assert.equal(streamed.status, 413)
  assert.deepEqual((await ok(200, ada.get('/workspaces'))).data, [])
})

test('a body of another type is 415', async () => {
  const ada = await makePerson(url, 'ada')
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
    const headers = { 'content-type': type }
    await refused('415 unsupported_media_type', ada.post('/workspaces', '{"name":"x"}', { headers, token: ada.token }))
  }
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  await ok(201, ada.post('/workspaces', '{"name":"x"}', { headers, token: ada.token }))
})

test('an unknown path is 404, and a wrong method 405 with those that there are', async () => {
  const ada = await makePerson(url, 'ada')
  for (const path of ['/nothing', '/channels', '/messages', '/users/me/nothing', '/workspaces/x/y/z']) {
    const answer = await refused('404 route_not_found', ada.get(path))
    if (path !== '/nothing') continue
    for (const body of ['{', 'x'.repeat(2_000_000)]) {
      const posted = await fetch(`${url}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      assert.deepEqual([posted.status, await posted.json()], [404, answer.body])
    }
  }
  const id = randomUUID()
  for (const [method, path, allowed] of [
    ['DELETE', '/workspaces', ['GET', 'POST']],
    ['PUT', '/register', ['POST']],
    ['POST', `/messages/${id}`, ['GET', 'PUT', 'PATCH', 'DELETE']],
    ['PATCH', '/dms', ['GET']],
    ['PUT', `/channels/${id}/messages`, ['GET', 'POST']],
    ['POST', '/notifications', ['GET', 'PUT']],
  ] as const) {
    const answer = await refused('405 method_not_allowed', call(url, method, path, { token: ada.token }))
    const allow = answer.headers.get('allow')!.split(', ')
    for (const one of allowed) assert.ok(allow.includes(one), `${path}: ${allow}`)
    assert.ok(!allow.includes(method))
  }
})

test('with and without a slash at its end is the same route, without a redirect', async () => {
  const { ada, general } = await makeTeam(url)
  await ok(201, ada.post(`/channels/${general}/messages/`, { body: 'hi' }))
  for (const path of ['/users/me', '/workspaces', `/channels/${general}`, `/channels/${general}/messages`, '/dms']) {
    const answers = await Promise.all([path, `${path}/`].map((one) => ada.get(`${one}?limit=5`, { token: ada.token })))
    assert.deepEqual([answers[0]!.status, answers[1]!.status], [200, 200])
    assert.deepEqual(answers[0]!.body, answers[1]!.body)
  }
  const body = { username: 'slashy', email: 'slashy@example.com', password: 'correct horse' }
  await ok(201, call(url, 'POST', '/register/', { body }))
})

test('every reply has a request id: the caller’s own where it is a decent one', async () => {
  const ada = await makePerson(url, 'ada')
  const idOf = async (path: string, headers = {}) =>
    (await call(url, 'GET', path, { token: ada.token, headers })).headers.get('x-request-id')
  const ids = [await idOf('/users/me'), await idOf('/nothing'), await idOf('/users/x')]
  assert.ok(ids.every((id) => id !== null))
  assert.equal(new Set(ids).size, 3)
  assert.equal(await idOf('/users/me', { 'x-request-id': 'trace-1.a_B' }), 'trace-1.a_B')
  assert.notEqual(await idOf('/users/me', { 'x-request-id': 'with "quotes" and spaces' }), 'with "quotes" and spaces')
})

test('ids in capital letters are the same ids, and malformed ones 422 wherever they stand', async () => {
  const { ada, general, workspace } = await makeTeam(url)
  const { id } = await say(ada, general, 'hi')
  assert.equal((await ok(200, ada.get(`/messages/${id.toUpperCase()}`))).id, id)
  assert.equal((await ok(200, ada.get(`/channels/${general.toUpperCase()}`))).id, general)
  assert.equal((await ok(200, ada.get(`/workspaces/${workspace.toUpperCase()}`))).id, workspace)
  for (const bad of ['1', 'undefined', `${id}x`, '%00', "' or 1=1 --", '..%2f..%2fetc']) {
    const answer = await ada.get(`/messages/${bad}`)
    assert.ok([400, 404, 422].includes(answer.status), `${bad}: ${answer.status}`)
  }
})

test('a POST with an Idempotency-Key is done once', async () => {
  const { ada, bob, workspace, general } = await makeTeam(url)
  const keyed = (key: string) => ({ token: ada.token, headers: { 'idempotency-key': key } })
  const make = (name: string) => ada.post(`/workspaces/${workspace}/channels`, { name }, keyed('make-1'))
  const [first, second] = [await make('plans'), await make('plans')]
  assert.deepEqual([first.status, second.status], [201, 201])
  assert.deepEqual(second.body, first.body)
  assert.deepEqual(
    [first.headers.get('idempotency-replayed'), second.headers.get('idempotency-replayed')],
    [null, 'true'],
  )
  await refused('409 idempotency_key_reused', make('other plans'))

  const send = (body: string, token = ada.token) =>
    ada.post(`/channels/${general}/messages`, { body }, { token, headers: { 'idempotency-key': 'send-1' } })
  const sent = await Promise.all(Array.from({ length: 8 }, () => send('once')))
  assert.deepEqual(new Set(sent.map(({ status }) => status)), new Set([201]))
  assert.equal(new Set(sent.map(({ body }) => body.id)).size, 1)
  await refused('409 idempotency_key_reused', send('twice'))
  // The key of somebody else is another key.
  await ok(201, send('of bob', bob.token))
  assert.equal((await ok(200, ada.get(`/channels/${general}/messages`))).data.length, 2)
  await refused(
    '422 invalid_request Idempotency-Key',
    ada.post('/workspaces', { name: 'x' }, { token: ada.token, headers: { 'idempotency-key': 'x'.repeat(256) } }),
  )
})

test('a key at once does its work once; a refused request leaves its key free', async () => {
  const ada = await makePerson(url, 'ada')
  const options = { token: ada.token, headers: { 'idempotency-key': 'race' } }
  const answers = await Promise.all(Array.from({ length: 6 }, () => ada.post('/workspaces', { name: 'One' }, options)))
  for (const { status, body, headers } of answers) {
    assert.ok(status === 201 || status === 409, `${status}`)
    if (status === 409) assert.ok(body.error.code === 'idempotency_key_in_use' && headers.get('retry-after'))
  }
  assert.equal((await ok(200, ada.get('/workspaces'))).data.length, 1)
  const late = { token: ada.token, headers: { 'idempotency-key': 'late' } }
  await refused('422 invalid_request name', ada.post('/workspaces', { name: '' }, late))
  await ok(201, ada.post('/workspaces', { name: 'Two' }, late))
})

test('limited routes count down, and one request too many is told when to come back', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const send = () => ada.post(`/channels/${general}/messages`, { body: 'x' })
  const first = await send()
  assert.deepEqual(
    ['limit', 'remaining'].map((name) => first.headers.get(`x-ratelimit-${name}`)),
    ['60', '59'],
  )
  const answers = await Promise.all(Array.from({ length: 60 }, send))
  assert.equal(answers.filter(({ status }) => status === 201).length, 59)
  const refusedOne = answers.find(({ status }) => status === 429)!
  assert.equal(refusedOne.body.error.code, 'rate_limited')
  assert.ok(Number(refusedOne.headers.get('retry-after')) >= 1)
  assert.equal(refusedOne.headers.get('x-ratelimit-remaining'), '0')
  assert.ok(Number(refusedOne.headers.get('x-ratelimit-reset')) <= 10)
  await ok(201, bob.post(`/channels/${general}/messages`, { body: 'still mine' }))
  await ok(200, ada.get(`/channels/${general}/messages`))
  const all = await ok(200, ada.get(`/channels/${general}/messages?limit=100`))
  assert.equal(all.data.length, 61)
})

test('other requests are limited too', async () => {
  const ada = await makePerson(url, 'ada')
  const { headers } = await ada.get('/users/me')
  assert.equal(headers.get('x-ratelimit-limit'), '400')
  const answers = await Promise.all(Array.from({ length: 400 }, () => ada.get('/users/me')))
  assert.equal(answers.filter(({ status }) => status === 429).length, 1)
})

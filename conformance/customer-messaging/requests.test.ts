import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makeChannel, makeCompany, makeCustomer, refused } from './company.ts'

const server = await startTestServer()

test('malformed JSON is 400, a body over the limit 413, another type 415, each in the dialect’s shape', async () => {
  const { live } = await makeCompany(server)
  for (const body of ['{', '{name: 1}', '\u0000']) await refused('400 malformed_json', live.post('/customers', body))
  await refused('413 body_too_large', live.post('/customers', JSON.stringify({ name: 'x'.repeat(2_000_000) })))
  const headers = { 'content-type': 'text/plain' }
  await refused('415 unsupported_media_type', live.post('/customers', 'x', { headers }))
  for (const body of ['null', '[]', '"text"', '5']) assert.equal((await live.post('/customers', body)).status, 422)
  assert.equal((await ok(200, live.get('/customers'))).total_count, 0)
})

test('an unknown path is 404 and a wrong method 405 with those that there are, for everybody alike', async () => {
  const { live } = await makeCompany(server)
  for (const path of [
    '/customers/a/b',
    '/channels/a/b/c',
    '/messages/x/y/z',
    '/tokens/x/y',
    '/client',
    '/events/a/b/c',
  ]) {
    const answer = await refused('404 route_not_found', live.get(path))
    const stranger = await call(server.url, 'GET', `/api/v1${path}`)
    assert.deepEqual([stranger.status, stranger.body], [404, answer])
  }
  const cases = [
    ['DELETE', '/customers', ['GET', 'POST']],
    ['PUT', '/messages', ['POST']],
    ['POST', '/messages/between', ['GET']],
    ['POST', '/customers/active', ['GET']],
  ] as const
  for (const [method, path, allowed] of cases) {
    const answer = await call(server.url, method, `/api/v1${path}`)
    assert.deepEqual(
      [answer.status, answer.body.error.code, answer.body.error.type],
      [405, 'method_not_allowed', 'invalid_request_error'],
    )
    const allow = answer.headers.get('allow')!.split(', ')
    for (const one of allowed) assert.ok(allow.includes(one), `${path}: ${allow}`)
    assert.ok(!allow.includes(method))
  }
})

test('with and without a slash at its end is the same route, and every reply has a request id', async () => {
  const { live } = await makeCompany(server)
  const carol = await makeCustomer(live)
  for (const path of ['/customers', `/customers/${carol.id}`, '/channels', '/customers/active']) {
    const [plain, slashed] = [await live.get(path), await live.get(`${path}/`)]
    assert.deepEqual([slashed.status, slashed.body], [200, plain.body])
    assert.notEqual(plain.headers.get('x-request-id'), slashed.headers.get('x-request-id'))
  }
})

test('a POST with an Idempotency-Key is done once, each client by itself', async () => {
  const { live } = await makeCompany(server)
  const other = (await makeCompany(server)).live
  const [carol, dan] = [await makeCustomer(live), await makeCustomer(live, 'Dan')]
  const headers = { 'idempotency-key': 'make' }
  const body = { type: 'general', customer_uuids: [carol.id, dan.id] }
  const [first, again] = [
    await live.post('/channels', body, { headers }),
    await live.post('/channels', body, { headers }),
  ]
  assert.deepEqual([first.status, again.status, again.body], [201, 201, first.body])
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  const conflict = await live.post('/channels', { ...body, type: 'custom', name: 'x' }, { headers })
  assert.deepEqual([conflict.status, conflict.body.error.type], [409, 'idempotency_error'])
  const theirs = await other.post('/customers', { name: 'C', email: 'c@example.com' }, { headers })
  assert.deepEqual([theirs.status, theirs.headers.get('idempotency-replayed')], [201, null])
})

test('live and test keys of one client may use the same Idempotency-Key', async () => {
  const { live, test: testKeys } = await makeCompany(server)
  const headers = { 'idempotency-key': 'same' }
  const body = { name: 'Carol', email: 'carol@example.com' }
  const [real, trial] = [
    await live.post('/customers', body, { headers }),
    await testKeys.post('/customers', body, { headers }),
  ]
  assert.deepEqual([real.body.livemode, trial.body.livemode], [true, false])
})

test('messages of many at once stand in the history once each, in one order', async () => {
  const { live } = await makeCompany(server)
  const [carol, dan] = [await makeCustomer(live), await makeCustomer(live, 'Dan')]
  const channel = await makeChannel(live, [carol, dan])
  const send = (i: number) =>
    live.post('/messages', { channel_uuid: channel.id, sender_uuid: (i % 2 ? carol : dan).id, content: `n${i}` })
  const sent = await Promise.all(Array.from({ length: 60 }, (_, i) => ok(201, send(i))))
  const { data, total_count } = await ok(200, live.get(`/messages/channel/${channel.id}?limit=100`))
  assert.equal(total_count, 60)
  assert.deepEqual(new Set(data.map(({ id }: { id: string }) => id)), new Set(sent.map(({ id }) => id)))
})

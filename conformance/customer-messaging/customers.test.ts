import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { bare, idsOf, makeChannel, makeCompany, makeCustomer, refused, say } from './company.ts'

const server = await startTestServer()

test('a customer is made, read by both forms of its id, and has all that was given', async () => {
  const { live } = await makeCompany(server)
  const metadata = { avatar: 'https://example.com/a.jpg', preferences: { notifications: true }, list: [1, null] }
  const made = await ok(201, live.post('/customers', { name: ' Carol Jones ', email: 'Carol@Example.COM', metadata }))
  assert.match(made.id, /^cust_[0-9a-f-]{36}$/)
  assert.deepEqual(made, {
    object: 'customer',
    id: made.id,
    name: 'Carol Jones',
    email: 'carol@example.com',
    metadata,
    created: made.created,
    livemode: true,
  })
  assert.ok(Math.abs(made.created - Date.now() / 1_000) < 60)
  for (const id of [made.id, bare(made.id), bare(made.id).toUpperCase()]) {
    assert.deepEqual(await ok(200, live.get(`/customers/${id}`)), made)
  }
  assert.deepEqual((await makeCustomer(live)).metadata, {})
})

test('the same email again gives the existing customer, unchanged, also at the same moment', async () => {
  const { live } = await makeCompany(server)
  const first = await ok(201, live.post('/customers', { name: 'Carol', email: 'carol@example.com' }))
  const again = live.post('/customers', { name: 'Other', email: 'CAROL@example.com', metadata: { a: 1 } })
  assert.deepEqual(await ok(201, again), first)
  const many = Array.from({ length: 10 }, (_, i) =>
    live.post('/customers', { name: `n${i}`, email: 'dan@example.com' }),
  )
  const answers = await Promise.all(many.map((one) => ok(201, one)))
  assert.equal(new Set(idsOf(answers)).size, 1)
  assert.equal((await ok(200, live.get('/customers'))).total_count, 2)
})

test('every field that is wrong is named, and nothing is made', async () => {
  const { live } = await makeCompany(server)
  const missing = await refused('422 parameter_missing name email', live.post('/customers', {}))
  assert.equal(missing.error.message, 'Missing required parameter: name')
  await refused('422 parameter_invalid email', live.post('/customers', { name: 'C', email: 'nonsense' }))
  await refused(
    '422 parameter_invalid name',
    live.post('/customers', { name: 'x'.repeat(256), email: 'c@example.com' }),
  )
  await refused('422 parameter_invalid name', live.post('/customers', { name: '   ', email: 'c@example.com' }))
  await refused('422 parameter_invalid name email', live.post('/customers', { name: '  ', email: 'x' }))
  const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`)
  for (const metadata of ['text', 7, [1], true, { big: 'x'.repeat(20_000) }, deep, { 'a\0': 1 }, { a: '\ud800' }]) {
    const asked = live.post('/customers', { name: 'C', email: 'c@example.com', metadata })
    await refused('422 parameter_invalid metadata', asked)
  }
  assert.equal((await ok(200, live.get('/customers'))).total_count, 0)
})

test('a customer can be changed by PUT and PATCH, but not to the email of another', async () => {
  const { live } = await makeCompany(server)
  const carol = await makeCustomer(live)
  const dan = await makeCustomer(live, 'Dan')
  const changed = await ok(200, live.put(`/customers/${carol.id}`, { name: 'Caro', email: 'CARO@example.com' }))
  assert.deepEqual(changed, { ...carol, name: 'Caro', email: 'caro@example.com' })
  const patched = await ok(200, live.patch(`/customers/${bare(carol.id)}`, { metadata: { a: 1 } }))
  assert.deepEqual(patched, { ...changed, metadata: { a: 1 } })
  await refused('422 email_taken email', live.put(`/customers/${carol.id}`, { email: dan.email }))
  assert.deepEqual(await ok(200, live.get(`/customers/${carol.id}`)), patched)
  await refused('404 resource_missing', live.put('/customers/cust_nonsense', { name: 'x' }))
})

test('a deleted customer is gone, its messages stay under its name, and its email can be used again', async () => {
  const { live } = await makeCompany(server)
  const [carol, dan] = [await makeCustomer(live), await makeCustomer(live, 'Dan')]
  const channel = await makeChannel(live, [carol, dan])
  await say(live, channel, carol, 'remember me')
  assert.deepEqual(await ok(200, live.delete(`/customers/${carol.id}`)), {
    object: 'customer',
    id: carol.id,
    deleted: true,
  })
  const gone = await refused('404 resource_missing', live.get(`/customers/${carol.id}`))
  assert.equal(gone.error.message, 'Customer not found')
  await refused('404 resource_missing', live.delete(`/customers/${carol.id}`))
  await refused('404 resource_missing', live.get(`/messages/customer/${carol.id}`))
  await refused('404 resource_missing', live.get(`/channels/customer/${carol.id}`))
  const late = live.post('/messages', { channel_uuid: channel.id, sender_uuid: carol.id, content: 'x' })
  await refused('422 parameter_invalid sender_uuid', late)
  const { data } = await ok(200, live.get(`/messages/channel/${channel.id}`))
  assert.deepEqual([data[0].content, data[0].sender.name], ['remember me', 'Carol'])
  const list = await ok(200, live.get('/customers'))
  assert.deepEqual([idsOf(list.data), list.total_count], [[dan.id], 1])
  assert.deepEqual((await ok(200, live.get('/customers/active'))).total_count, 0)
  const again = await ok(201, live.post('/customers', { name: 'Carol', email: carol.email }))
  assert.notEqual(again.id, carol.id)
})

test('customers are listed newest first, with a total', async () => {
  const { live } = await makeCompany(server)
  const made = []
  for (let i = 0; i < 12; i++) made.unshift(await makeCustomer(live))
  const first = await ok(200, live.get('/customers'))
  assert.deepEqual([first.object, first.data.length, first.has_more, first.total_count], ['list', 10, true, 12])
  const rest = await ok(200, live.get(`/customers?starting_after=${first.data.at(-1).id}`))
  assert.deepEqual([...first.data, ...rest.data], made)
  assert.deepEqual([rest.has_more, rest.total_count], [false, 12])
})

test('active customers are those that sent messages, by their last one', async () => {
  const { live } = await makeCompany(server)
  const [carol, dan, erin] = [
    await makeCustomer(live),
    await makeCustomer(live, 'Dan'),
    await makeCustomer(live, 'Erin'),
  ]
  const channel = await makeChannel(live, [carol, dan, erin])
  assert.deepEqual((await ok(200, live.get('/customers/active'))).data, [])
  await say(live, channel, carol, 'one')
  await say(live, channel, dan, 'two')
  assert.deepEqual(idsOf((await ok(200, live.get('/customers/active'))).data), [dan.id, carol.id])
  const { created } = await say(live, channel, carol, 'three')
  const { data, total_count } = await ok(200, live.get('/customers/active'))
  assert.deepEqual([idsOf(data), total_count], [[carol.id, dan.id], 2])
  assert.deepEqual(data[0], { ...carol, latest_message_at: created })
})

test('active for a sender are those who exchanged messages with it', async () => {
  const { live } = await makeCompany(server)
  const [carol, dan, erin] = [
    await makeCustomer(live),
    await makeCustomer(live, 'Dan'),
    await makeCustomer(live, 'Erin'),
  ]
  await makeChannel(live, [carol, erin])
  const channel = await makeChannel(live, [carol, dan])
  await say(live, channel, dan, 'hello')
  const of = async (email: string) =>
    ok(200, live.get(`/customers/active-for-sender?email=${encodeURIComponent(email)}`))
  assert.deepEqual(idsOf((await of(carol.email.toUpperCase())).data), [dan.id])
  assert.deepEqual(idsOf((await of(dan.email)).data), [carol.id])
  for (const email of [erin.email, 'nobody@example.com']) {
    assert.deepEqual(await of(email), { object: 'list', data: [], has_more: false, total_count: 0 })
  }
  await refused('422 parameter_missing email', live.get('/customers/active-for-sender'))
  await refused('422 parameter_invalid email', live.get('/customers/active-for-sender?email=x'))
})

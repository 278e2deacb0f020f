import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { bare, idsOf, makeChannel, makeCompany, makeCustomer, refused, say } from './company.ts'

const server = await startTestServer()

async function makeTrio() {
  const { live } = await makeCompany(server)
  const [carol, dan, erin] = [
    await makeCustomer(live),
    await makeCustomer(live, 'Dan'),
    await makeCustomer(live, 'Erin'),
  ]
  return { live, carol, dan, erin }
}

const named = ({ id, name }: { id: string; name: string }) => ({ object: 'customer', id, name })

test('a general channel is made in both spellings, and read by both forms of its id', async () => {
  const { live, carol, dan, erin } = await makeTrio()
  const pair = { type: 'general', customer1_uuid: carol.id, customer2_uuid: bare(dan.id) }
  const made = await ok(201, live.post('/channels', pair))
  assert.match(made.id, /^ch_[0-9a-f-]{36}$/)
  assert.deepEqual(made, {
    object: 'channel',
    id: made.id,
    type: 'general',
    name: 'general',
    participants: [named(carol), named(dan)],
    created: made.created,
    updated_at: made.created,
    livemode: true,
  })
  for (const id of [made.id, bare(made.id)]) assert.deepEqual(await ok(200, live.get(`/channels/${id}`)), made)
  const trio = await makeChannel(live, [erin, carol, dan])
  assert.deepEqual(trio.participants, [named(erin), named(carol), named(dan)])
})

test('a set of customers has one general channel, whatever their order, also at the same moment', async () => {
  const { live, carol, dan, erin } = await makeTrio()
  const { id } = await makeChannel(live, [carol, dan])
  for (const ids of [
    [carol.id, dan.id],
    [dan.id, carol.id],
  ]) {
    const { error } = await refused(
      '422 channel_exists customer_uuids',
      live.post('/channels', { type: 'general', customer_uuids: ids }),
    )
    assert.equal(error.existing, id)
  }
  const body = { type: 'general', customer_uuids: [dan.id, erin.id] }
  const answers = await Promise.all(Array.from({ length: 8 }, () => live.post('/channels', body)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(422)])
})

test('a custom channel makes sure of the general one, and its name again gives the same channel', async () => {
  const { live, carol, dan } = await makeTrio()
  const body = { type: 'custom', name: ' Project Discussion ', customer_uuids: [carol.id, dan.id] }
  const made = await ok(201, live.post('/channels', body))
  assert.deepEqual([made.type, made.name], ['custom', 'Project Discussion'])
  assert.deepEqual(await ok(201, live.post('/channels', { ...body, customer_uuids: [dan.id, carol.id] })), made)
  const { data, total_count } = await ok(200, live.get('/channels'))
  assert.deepEqual([total_count, data.map(({ type }: { type: string }) => type).sort()], [2, ['custom', 'general']])
  const other = await ok(201, live.post('/channels', { ...body, name: 'general' }))
  assert.deepEqual([other.type, other.name], ['custom', 'general'])
})

test('every field that is wrong is named, in the spelling that was used', async () => {
  const { live, carol, dan } = await makeTrio()
  const post = (body: unknown) => live.post('/channels', body)
  const stranger = (await makeTrio()).carol
  await refused('422 parameter_missing type customer_uuids', post({}))
  await refused('422 parameter_invalid type', post({ type: 'other', customer_uuids: [carol.id, dan.id] }))
  await refused('422 parameter_invalid customer_uuids', post({ type: 'general', customer_uuids: 'x' }))
  await refused('422 parameter_invalid customer_uuids', post({ type: 'general', customer_uuids: [carol.id] }))
  await refused('422 parameter_invalid customer_uuids', post({ type: 'general', customer_uuids: [] }))
  const six = await Promise.all(Array.from({ length: 6 }, () => makeCustomer(live)))
  await refused('422 parameter_invalid customer_uuids', post({ type: 'general', customer_uuids: idsOf(six) }))
  await refused(
    '422 parameter_invalid customer_uuids.1',
    post({ type: 'general', customer_uuids: [carol.id, bare(carol.id)] }),
  )
  const unknown = ['00000000-0000-4000-8000-000000000000', 'nonsense']
  await refused('422 parameter_invalid customer_uuids.1', post({ type: 'general', customer_uuids: unknown }))
  const both = [unknown[0], 'cust_00000000-0000-4000-8000-000000000001']
  await refused(
    '422 parameter_invalid customer_uuids.0 customer_uuids.1',
    post({ type: 'general', customer_uuids: both }),
  )
  await refused(
    '422 parameter_invalid customer_uuids.1',
    post({ type: 'general', customer_uuids: [carol.id, stranger.id] }),
  )
  await refused('422 parameter_missing customer2_uuid', post({ type: 'general', customer1_uuid: carol.id }))
  const pair = { type: 'general', customer1_uuid: carol.id, customer2_uuid: stranger.id }
  await refused('422 parameter_invalid customer2_uuid', post(pair))
  const nameless = { type: 'custom', customer_uuids: [carol.id, dan.id] }
  await refused('422 parameter_missing name', post(nameless))
  await refused('422 parameter_missing name', post({ ...nameless, name: '  ' }))
  await refused('422 parameter_invalid name', post({ ...nameless, name: 'x'.repeat(256) }))
  assert.equal((await ok(200, live.get('/channels'))).total_count, 0)
})

test('a custom channel is renamed by PUT and PATCH; a general one keeps its name', async () => {
  const { live, carol, dan } = await makeTrio()
  const general = await makeChannel(live, [carol, dan])
  const custom = await makeChannel(live, [carol, dan], 'One')
  await makeChannel(live, [carol, dan], 'Two')
  const renamed = await ok(200, live.put(`/channels/${custom.id}`, { name: 'Three' }))
  assert.deepEqual(renamed, { ...custom, name: 'Three' })
  assert.deepEqual(await ok(200, live.patch(`/channels/${custom.id}`, { name: 'Three' })), renamed)
  await refused('422 channel_name_taken name', live.patch(`/channels/${custom.id}`, { name: 'Two' }))
  await refused('422 general_channel_fixed name', live.put(`/channels/${general.id}`, { name: 'x' }))
  await refused('422 parameter_missing name', live.put(`/channels/${custom.id}`, {}))
})

test('a deleted channel is gone from every list, and its customers can have another', async () => {
  const { live, carol, dan } = await makeTrio()
  const channel = await makeChannel(live, [carol, dan])
  await say(live, channel, carol, 'hi')
  assert.deepEqual(await ok(200, live.delete(`/channels/${channel.id}`)), {
    object: 'channel',
    id: channel.id,
    deleted: true,
  })
  const gone = await refused('404 resource_missing', live.get(`/channels/${channel.id}`))
  assert.equal(gone.error.message, 'Channel not found')
  await refused('404 resource_missing', live.delete(`/channels/${channel.id}`))
  await refused('404 resource_missing', live.get(`/messages/channel/${channel.id}`))
  const late = live.post('/messages', { channel_uuid: channel.id, sender_uuid: carol.id, content: 'x' })
  await refused('422 parameter_invalid channel_uuid', late)
  for (const path of ['/channels', `/channels/customer/${carol.id}`, `/channels/by-email?email=${dan.email}`]) {
    assert.equal((await ok(200, live.get(path))).total_count, 0, path)
  }
  assert.notEqual((await makeChannel(live, [carol, dan])).id, channel.id)
})

test('lists are ordered by latest activity, and a message counts as activity', async () => {
  const { live, carol, dan, erin } = await makeTrio()
  const one = await makeChannel(live, [carol, dan])
  const two = await makeChannel(live, [carol, erin])
  const three = await makeChannel(live, [dan, erin])
  const listed = async (path: string) => idsOf((await ok(200, live.get(path))).data)
  assert.deepEqual(await listed('/channels'), [three.id, two.id, one.id])
  const { created } = await say(live, one, dan, 'hi')
  assert.deepEqual(await listed('/channels'), [one.id, three.id, two.id])
  assert.deepEqual(await listed(`/channels/customer/${carol.id}`), [one.id, two.id])
  assert.deepEqual(await listed(`/channels/customer/${bare(erin.id)}`), [three.id, two.id])
  const { data } = await ok(200, live.get('/channels?limit=1'))
  assert.deepEqual(data, [{ ...one, updated_at: created }])
})

test('a customer’s channels are grouped by whom they are shared with', async () => {
  const { live, carol, dan, erin } = await makeTrio()
  const general = await makeChannel(live, [carol, dan])
  const custom = await makeChannel(live, [carol, dan], 'Project')
  const withErin = await makeChannel(live, [carol, erin])
  const { created } = await say(live, general, dan, 'hi')
  const list = await ok(200, live.get(`/channels/by-email?email=${carol.email.toUpperCase()}`))
  assert.deepEqual([list.object, list.has_more, list.total_count], ['list', false, 2])
  const [first, second] = list.data.conversations
  assert.deepEqual([first.recipient, second.recipient], [dan, erin])
  assert.deepEqual(idsOf(first.channels), [general.id, custom.id])
  assert.deepEqual(idsOf(second.channels), [withErin.id])
  assert.equal(first.latest_message_at, created)
  const page = await ok(200, live.get(`/channels/by-email?email=${carol.email}&limit=1&starting_after=${dan.id}`))
  assert.deepEqual(idsOf(page.data.conversations.map((one: { recipient: { id: string } }) => one.recipient)), [erin.id])
  await refused('404 resource_missing', live.get('/channels/by-email?email=nobody@example.com'))
  await refused('422 parameter_missing email', live.get('/channels/by-email'))
})

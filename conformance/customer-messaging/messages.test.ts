import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { bare, idsOf, makeChannel, makeCompany, makeCustomer, refused, say } from './company.ts'

const server = await startTestServer()

async function makePair() {
  const { live } = await makeCompany(server)
  const [carol, dan] = [await makeCustomer(live), await makeCustomer(live, 'Dan')]
  return { live, carol, dan, channel: await makeChannel(live, [carol, dan]) }
}

test('a message is sent with all its fields, in both spellings of its kind', async () => {
  const { live, carol, channel } = await makePair()
  const metadata = { attachments: [], reply_to: null, nested: { deep: ['ä', '😀'] } }
  const content = ' <b>byte for byte</b> \n\t😀 '
  const body = { channel_uuid: channel.id, sender_uuid: carol.id, content, message_type: 'text', metadata }
  const sent = await ok(201, live.post('/messages', body))
  assert.match(sent.id, /^msg_[0-9a-f-]{36}$/)
  assert.deepEqual(sent, {
    object: 'message',
    id: sent.id,
    channel_id: channel.id,
    sender: { object: 'customer', id: carol.id, name: 'Carol' },
    sender_id: carol.id,
    content,
    message_type: 'text',
    type: 'text',
    metadata,
    created: sent.created,
    livemode: true,
  })
  for (const kind of ['text', 'image', 'file', 'system']) {
    const bareIds = { channel_uuid: bare(channel.id), sender_uuid: bare(carol.id), content: kind }
    const one = await ok(201, live.post('/messages', { ...bareIds, type: kind }))
    assert.deepEqual([one.type, one.message_type, one.metadata], [kind, kind, {}])
  }
  const plain = await ok(201, live.post('/messages', { channel_uuid: channel.id, sender_uuid: carol.id, content: 'x' }))
  assert.equal(plain.type, 'text')
  const { data } = await ok(200, live.get(`/messages/channel/${channel.id}`))
  assert.deepEqual([data[0], data.at(-1)], [sent, plain])
})

test('every field that is wrong is named, and nothing is sent', async () => {
  const { live, carol, channel } = await makePair()
  const stranger = await makePair()
  const erin = await makeCustomer(live, 'Erin')
  const right = { channel_uuid: channel.id, sender_uuid: carol.id, content: 'x' }
  const post = (change: object) => live.post('/messages', { ...right, ...change })
  await refused('422 parameter_missing channel_uuid sender_uuid content', live.post('/messages', {}))
  await refused('422 parameter_invalid content', post({ content: '' }))
  await refused('422 parameter_invalid content', post({ content: ' \n ' }))
  await refused('422 parameter_invalid content', post({ content: 'a\0b' }))
  await refused('422 parameter_invalid content', post({ content: 'x'.repeat(40_001) }))
  await refused('422 parameter_invalid type', post({ type: 'video' }))
  await refused('422 parameter_invalid type', post({ type: 'image', message_type: 'text' }))
  await refused('422 parameter_invalid metadata', post({ metadata: 'text' }))
  await refused('422 parameter_invalid sender_uuid', post({ sender_uuid: erin.id }))
  await refused('422 parameter_invalid sender_uuid', post({ sender_uuid: stranger.carol.id }))
  await refused('422 parameter_invalid channel_uuid', post({ channel_uuid: stranger.channel.id }))
  await refused('422 parameter_invalid channel_uuid', post({ channel_uuid: 'ch_00000000-0000-4000-8000-000000000000' }))
  await refused('422 parameter_invalid channel_uuid sender_uuid', post({ channel_uuid: 'x', sender_uuid: channel.id }))
  assert.equal((await ok(200, live.get(`/messages/channel/${channel.id}`))).total_count, 0)
})

test('a key that is used twice sends once, whoever the sender is, and not with another body', async () => {
  const { live, carol, dan, channel } = await makePair()
  const body = { channel_uuid: channel.id, sender_uuid: carol.id, content: 'once' }
  const headers = { 'idempotency-key': 'k1' }
  const first = await live.post('/messages', body, { headers })
  const again = await live.post('/messages', body, { headers })
  assert.deepEqual([first.status, again.status, again.body], [201, 201, first.body])
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  for (const change of [{ content: 'other' }, { sender_uuid: dan.id }, { metadata: { a: 1 } }, { type: 'image' }]) {
    const { status, body: answer } = await live.post('/messages', { ...body, ...change }, { headers })
    assert.deepEqual(
      [status, answer.error.type, answer.error.code],
      [409, 'idempotency_error', 'idempotency_key_reused'],
    )
  }
  const many = Array.from({ length: 10 }, () => live.post('/messages', body, { headers: { 'idempotency-key': 'k2' } }))
  assert.equal(new Set(idsOf((await Promise.all(many)).map((one) => one.body))).size, 1)
  assert.equal((await ok(200, live.get(`/messages/channel/${channel.id}`))).total_count, 2)
  const other = await makePair()
  const theirs = { channel_uuid: other.channel.id, sender_uuid: other.carol.id, content: 'mine' }
  assert.equal((await other.live.post('/messages', theirs, { headers })).headers.get('idempotency-replayed'), null)
})

test('a message to a customer finds or makes the general channel of the two, every time', async () => {
  const { live } = await makeCompany(server)
  const [carol, dan] = [await makeCustomer(live), await makeCustomer(live, 'Dan')]
  const body = { sender_email: carol.email.toUpperCase(), recipient_email: dan.email, type: 'text', content: 'hello' }
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => ok(201, live.post('/messages/send-to-customer', body))),
  )
  assert.equal(new Set(answers.map(({ channel_id }) => channel_id)).size, 1)
  const back = { ...body, sender_email: dan.email, recipient_email: carol.email, metadata: { a: 1 } }
  const reply = await ok(201, live.post('/messages/send-to-customer', back))
  assert.deepEqual([reply.channel_id, reply.sender_id, reply.metadata], [answers[0].channel_id, dan.id, { a: 1 }])
  const channel = await ok(200, live.get(`/channels/${reply.channel_id}`))
  assert.equal(channel.type, 'general')
  await ok(200, live.delete(`/channels/${channel.id}`))
  const anew = await ok(201, live.post('/messages/send-to-customer', body))
  assert.notEqual(anew.channel_id, channel.id)
  const post = (change: object) => live.post('/messages/send-to-customer', { ...body, ...change })
  await refused('404 resource_missing', post({ recipient_email: 'nobody@example.com' }))
  await refused('404 resource_missing', post({ sender_email: 'nobody@example.com' }))
  await refused('422 parameter_invalid recipient_email', post({ recipient_email: carol.email }))
  await refused('422 parameter_invalid recipient_email', post({ recipient_email: 'x' }))
  await refused(
    '422 parameter_missing sender_email recipient_email content',
    live.post('/messages/send-to-customer', {}),
  )
})

test('a channel’s history is oldest first, a customer’s messages newest first, over all channels', async () => {
  const { live, carol, dan, channel } = await makePair()
  const other = await makeChannel(live, [carol, dan], 'Other')
  const sent = []
  for (let i = 0; i < 6; i++) {
    sent.push(await say(live, i % 2 ? channel : other, i % 3 ? carol : dan, `n${i}`))
  }
  const contents = async (path: string) => {
    const { data, total_count } = await ok(200, live.get(path))
    return [data.map(({ content }: { content: string }) => content).join(' '), total_count]
  }
  assert.deepEqual(await contents(`/messages/channel/${channel.id}`), ['n1 n3 n5', 3])
  assert.deepEqual(await contents(`/messages/customer/${carol.id}`), ['n5 n4 n2 n1', 4])
  assert.deepEqual(await contents(`/messages/customer/${dan.id}`), ['n3 n0', 2])
  const between = `/messages/between?email1=${dan.email}&email2=${carol.email.toUpperCase()}`
  assert.deepEqual(await contents(between), ['n0 n1 n2 n3 n4 n5', 6])
  const second = `${between}&limit=2&starting_after=${sent[1].id}`
  assert.deepEqual(await contents(second), ['n2 n3', 6])
})

test('between two customers stands what they sent, not what others did in the same channel', async () => {
  const { live, carol, dan } = await makePair()
  const erin = await makeCustomer(live, 'Erin')
  const trio = await makeChannel(live, [carol, dan, erin])
  await say(live, trio, carol, 'c')
  await say(live, trio, erin, 'e')
  await say(live, trio, dan, 'd')
  const { data, total_count } = await ok(200, live.get(`/messages/between?email1=${carol.email}&email2=${dan.email}`))
  assert.deepEqual([data.map(({ content }: { content: string }) => content), total_count], [['c', 'd'], 2])
  await refused('404 resource_missing', live.get(`/messages/between?email1=${carol.email}&email2=nobody@example.com`))
  await refused('422 parameter_missing email2', live.get(`/messages/between?email1=${carol.email}`))
})

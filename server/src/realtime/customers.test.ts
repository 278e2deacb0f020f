import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CustomerSocket, type CustomersWorld, customersWorld } from '../testing/customer-sockets.ts'

const ch = (id: string) => `ch_${id}`
const cust = (id: string) => `cust_${id}`

/** The steps of a stream that a customer was shown: names with their seqs. */
function stepsOf({ frames }: CustomerSocket, stream: string) {
  return frames.filter((frame) => frame.stream === stream).map(({ event, seq }) => `${event} ${seq}`)
}

/** Resolves when all that was committed has come to the socket. */
async function settle({ w }: CustomersWorld, ...sockets: CustomerSocket[]) {
  await w.tail.caughtUp()
  for (const socket of sockets) await socket.settle()
}

test('the server greets, then shows a customer their channels, and nothing of others', async (t) => {
  const world = await customersWorld(t)
  const { ids, server, enter } = world
  await server.say('dan', ids.pair, 'before')
  const carol = await enter('carol')
  assert.deepEqual(carol.frames[0], { event: 'connection.hello', data: { beat_ms: 30_000 } })
  const { customer, head, resumed, channels, gap } = carol.ready
  assert.deepEqual(customer, {
    object: 'customer',
    id: cust(ids.carol),
    name: 'carol',
    email: 'carol@example.com',
    metadata: {},
    created: 1_767_225_600,
    livemode: true,
  })
  assert.deepEqual([head, resumed, gap], [0, false, undefined])
  assert.deepEqual(channels, [
    { id: ch(ids.pair), head: 1, online: [] },
    { id: ch(ids.trio), head: 0, online: [] },
  ])
  const erin = await enter('erin')
  assert.deepEqual(
    erin.ready.channels.map(({ id }) => id),
    [ch(ids.foreign)],
  )
})

test('messages come to all of a channel in the dialect’s shape, and to nobody else', async (t) => {
  const world = await customersWorld(t)
  const { ids, server, enter } = world
  const [carol, dan, frank, erin] = [
    await enter('carol'),
    await enter('dan'),
    await enter('frank'),
    await enter('erin'),
  ]
  const message = await server.say('dan', ids.pair, 'hello carol')
  const { cursor, ...frame } = await carol.named('message.sent')
  const created = Math.floor(Date.parse(message.createdAt) / 1_000)
  assert.match(cursor ?? '', /^[\w-]{32}$/)
  assert.deepEqual(frame, {
    event: 'message.sent',
    data: {
      message: {
        object: 'message',
        id: `msg_${message.id}`,
        channel_id: ch(ids.pair),
        sender: { object: 'customer', id: cust(ids.dan), name: 'dan' },
        sender_id: cust(ids.dan),
        content: 'hello carol',
        message_type: 'text',
        type: 'text',
        metadata: { n: 1 },
        created,
        livemode: true,
      },
    },
    channel: ch(ids.pair),
    stream: ch(ids.pair),
    seq: 1,
    created,
  })
  await dan.named('message.sent')
  await settle(world, frank, erin)
  assert.equal(frank.heard('message.sent').length + erin.heard('message.sent').length, 0)
})

test('a channel that is opened is followed at once, and what the dialect does not show is no hole', async (t) => {
  const world = await customersWorld(t)
  const { ids, server, enter } = world
  const [carol, frank] = [await enter('carol'), await enter('frank')]
  const { id } = await server.open('Order 9', ['carol', 'dan'])
  await server.say('dan', id, 'your order')
  await server.rename(id, 'Order 9, sent')
  await server.deleteConversation(id)
  await carol.named('channel.deleted')
  assert.deepEqual(stepsOf(carol, cust(ids.carol)), ['channel.created 1'])
  assert.deepEqual(stepsOf(carol, ch(id)), [
    'stream.advanced 1',
    'message.sent 2',
    'channel.updated 3',
    'channel.deleted 4',
  ])
  const opened = await carol.named('channel.created')
  assert.equal(opened.channel, ch(id))
  assert.deepEqual(opened.data.channel?.participants, [
    { object: 'customer', id: cust(ids.carol), name: 'carol' },
    { object: 'customer', id: cust(ids.dan), name: 'dan' },
  ])
  assert.deepEqual((await carol.named('channel.updated')).data.channel?.name, 'Order 9, sent')
  await settle(world, frank)
  assert.deepEqual(stepsOf(frank, ch(id)), [])
  const page = await carol.ask('page', { channel: ch(id), after: 0 })
  assert.deepEqual(page.data.code, 'channel_not_found', 'it is deleted')
  const again = await enter('carol', { query: `?cursor=${carol.ready.cursor}` })
  assert.ok(again.ready.channels.every((channel) => channel.id !== ch(id)))
})

test('a customer hears of changes of themselves, others do not', async (t) => {
  const world = await customersWorld(t)
  const { ids, server, enter } = world
  const [carol, dan] = [await enter('carol'), await enter('dan')]
  await server.renameContact('carol', 'Carol C.')
  const { data, stream } = await carol.named('customer.updated')
  assert.deepEqual([data.customer?.name, stream], ['Carol C.', cust(ids.carol)])
  await settle(world, dan)
  assert.equal(dan.heard('customer.updated').length, 0)
})

test('a cursor brings everything that was missed, each once, at another node too', async (t) => {
  const world = await customersWorld(t)
  const { ids, server, enter, w } = world
  const first = await enter('carol')
  await server.say('dan', ids.pair, 'one')
  const { cursor } = await first.named('message.sent')
  first.close()
  await server.say('dan', ids.pair, 'two')
  await server.say('frank', ids.aside, 'not for carol')
  const { id } = await server.open('Order 9', ['carol', 'frank'])
  await server.say('frank', id, 'three')
  const node = await w.startNode()
  const again = await enter('carol', { query: `?cursor=${cursor}`, wsUrl: node.wsUrl })
  assert.equal(again.ready.resumed, true)
  await server.say('dan', ids.trio, 'live')
  await again.frame((frame) => frame.event === 'message.sent' && frame.channel === ch(ids.trio))
  const sent = again.heard('message.sent').map((frame) => String(frame.data.message?.content))
  assert.deepEqual(sent, ['two', 'three', 'live'])
  assert.deepEqual(stepsOf(again, ch(id)), ['stream.advanced 1', 'message.sent 2'])
  assert.deepEqual(stepsOf(again, cust(ids.carol)), ['channel.created 1'])
})

test('of a channel that was joined meanwhile, what follows the joining comes', async (t) => {
  const { ids, server, enter } = await customersWorld(t)
  const first = await enter('carol')
  const { cursor } = first.ready
  await server.say('dan', ids.aside, 'before carol')
  await server.add('carol', ids.aside)
  await server.say('dan', ids.aside, 'welcome')
  const again = await enter('carol', { query: `?cursor=${cursor}` })
  for (const carol of [first, again]) {
    await carol.named('message.sent')
    await carol.settle()
    assert.deepEqual(stepsOf(carol, ch(ids.aside)), ['message.sent 2'])
  }
})

test('too much to replay is a gap, which is paged with the seqs of all steps', async (t) => {
  const world = await customersWorld(t, { replayEventsMax: 2 })
  const { ids, server, enter } = world
  const { cursor } = (await enter('carol')).ready
  const { id } = await server.open('Order 9', ['carol', 'dan'])
  for (const body of ['one', 'two', 'three']) await server.say('dan', id, body)
  const carol = await enter('carol', { query: `?cursor=${cursor}` })
  assert.equal(carol.ready.resumed, false)
  assert.deepEqual(carol.ready.gap?.toSorted(), [ch(id), cust(ids.carol)].toSorted())
  const page = await carol.ask('page', { channel: ch(id), after: 1, limit: 2 })
  assert.deepEqual([page.event, page.data.channel, page.data.head, page.data.has_more], ['page', ch(id), 4, true])
  const events = page.data.events as unknown as { event: string; seq: number; cursor?: string }[]
  assert.deepEqual(
    events.map(({ event, seq, cursor }) => [event, seq, cursor]),
    [
      ['message.sent', 2, undefined],
      ['message.sent', 3, undefined],
    ],
  )
  const own = await carol.ask('page', { channel: cust(ids.carol), after: 0 })
  assert.equal((own.data.events as unknown as { event: string }[])[0]?.event, 'channel.created')
  assert.deepEqual((await carol.ask('page', { channel: ids.carol, after: 1 })).data.channel, cust(ids.carol))
  for (const foreign of [ids.aside, ids.foreign, ids.dan, ids.shop, crypto.randomUUID()]) {
    assert.deepEqual((await carol.ask('page', { channel: foreign })).data.code, 'channel_not_found')
  }
})

test('a token for some channels hears of no others: not now, not later, not by a page', async (t) => {
  const world = await customersWorld(t)
  const { ids, server, enter } = world
  const conversationIds = [ids.pair]
  const carol = await enter('carol', { conversationIds })
  assert.deepEqual(carol.ready.channels, [{ id: ch(ids.pair), head: 0, online: [] }])
  const { id } = await server.open('Order 9', ['carol', 'frank'])
  await server.say('frank', id, 'secret')
  await server.say('frank', ids.trio, 'secret')
  await server.renameContact('carol', 'Carol C.')
  await server.say('dan', ids.pair, 'open')
  await carol.named('message.sent')
  assert.deepEqual(stepsOf(carol, cust(ids.carol)), ['stream.advanced 1', 'customer.updated 2'])
  const texts = JSON.stringify(carol.frames)
  for (const word of [id, ids.trio, 'secret', 'Order']) assert.ok(!texts.includes(word), word)
  for (const channel of [id, ids.trio]) {
    assert.deepEqual((await carol.ask('page', { channel })).data.code, 'channel_not_found')
    assert.deepEqual((await carol.ask('typing.start', { channel })).data.code, 'channel_not_found')
  }
  const again = await enter('carol', { conversationIds, query: `?cursor=${carol.ready.cursor}` })
  await again.named('message.sent')
  const page = await again.ask('page', { channel: cust(ids.carol), after: 0 })
  assert.deepEqual(
    (page.data.events as unknown as { event: string }[]).map(({ event }) => event),
    ['stream.advanced', 'customer.updated'],
  )
  for (const word of [id, ids.trio, 'secret', 'Order']) assert.ok(!JSON.stringify(again.frames).includes(word), word)
  assert.deepEqual((await enter('carol', { conversationIds: [] })).ready.channels, [])
})

test('channels beyond the limit are not followed, and can be paged', async (t) => {
  const { ids, server, enter } = await customersWorld(t, { streamsMax: 2 })
  await server.say('dan', ids.trio, 'one')
  const carol = await enter('carol')
  assert.deepEqual(
    carol.ready.channels.map(({ id }) => id),
    [ch(ids.trio)],
    'the latest one',
  )
  assert.equal(carol.ready.more_channels, true)
  await server.say('dan', ids.pair, 'two')
  const page = await carol.ask('page', { channel: ids.pair })
  assert.deepEqual(page.data.head, 1)
})

test('test data say that they are', async (t) => {
  const { ids, server, enter } = await customersWorld(t)
  const [carol, dan] = [await enter('carol', { isTest: true }), await enter('dan')]
  await server.say('dan', ids.pair, 'hi')
  const livemodes = [carol.ready.customer, (await carol.named('message.sent')).data.message]
  assert.deepEqual(
    livemodes.map((object) => object?.livemode),
    [false, false],
  )
  assert.deepEqual((await dan.named('message.sent')).data.message?.livemode, true)
})

test('a garbled or unknown frame is answered or ends the connection', async (t) => {
  const { ids, enter } = await customersWorld(t)
  const carol = await enter('carol')
  for (const [event, data] of [
    ['dance', {}],
    ['NEW_MESSAGE', {}],
    ['typing.start', {}],
    ['typing.start', { channel: 7 }],
    ['typing.start', { channel: `msg_${ids.pair}` }],
    ['typing.stop', { channel: 'ch_' }],
    ['page', { channel: ch(ids.pair), after: -1 }],
    ['page', 'x'],
    ['auth', { token: 7 }],
    ['auth', { token: 'x' }],
  ] as [string, object][]) {
    const { event: name, data: refusal } = await carol.ask(event, data)
    assert.deepEqual([name, refusal.code], ['error', 'invalid_request'], `${event} ${JSON.stringify(data)}`)
  }
  assert.equal((await carol.ask('ping')).event, 'pong')
  for (const garbage of ['{', '[1]', 'null', '{"op":"beat"}', '{"event":7}']) {
    const socket = await enter('carol')
    await socket.raw.send(garbage)
    assert.equal(await socket.ended, 4400, garbage)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CustomerSocket, customersWorld } from '../testing/customer-sockets.ts'
import { untilConnections } from '../testing/realtime-world.ts'

const ch = (id: string) => `ch_${id}`
const cust = (id: string) => `cust_${id}`

/** Who came and went where, as somebody heard it. */
function comings(socket: CustomerSocket) {
  const frames = socket.heard('user.joined', 'user.left')
  return frames.map(({ event, data, channel }) => `${event} ${String(data.user?.name)} ${channel}`)
}

test('others in a channel hear who comes and who has gone, once for all sockets', async (t) => {
  const { ids, enter } = await customersWorld(t, { presenceGraceMs: 10 })
  const dan = await enter('dan')
  const carol = [await enter('carol'), await enter('carol')]
  const { event, data, channel } = await dan.frame((frame) => frame.channel === ch(ids.pair))
  const joinedAt = Number(data.user?.joined_at)
  assert.ok(Math.abs(joinedAt - Date.now() / 1_000) < 60)
  assert.deepEqual(
    { event, data, channel },
    {
      event: 'user.joined',
      data: { user: { id: cust(ids.carol), name: 'carol', joined_at: joinedAt }, channel: { id: ch(ids.pair) } },
      channel: ch(ids.pair),
    },
  )
  assert.deepEqual(carol[0]!.ready.channels.map(({ id, online }) => [id, online]).toSorted(), [
    [ch(ids.pair), [cust(ids.dan)]],
    [ch(ids.trio), [cust(ids.dan)]],
  ])
  for (const socket of carol) socket.close()
  await dan.frame((frame) => frame.event === 'user.left' && frame.channel === ch(ids.trio))
  await dan.frame((frame) => frame.event === 'user.left' && frame.channel === ch(ids.pair))
  assert.equal(comings(dan).length, 4, 'two channels, one coming and one going in each')
  assert.ok(dan.heard('user.left').every((frame) => Number(frame.data.user?.left_at) >= joinedAt))
})

test('a reload is not seen by anybody, nor oneself by oneself', async (t) => {
  const { enter, w } = await customersWorld(t, { presenceGraceMs: 60_000 })
  const [dan, first] = [await enter('dan'), await enter('carol')]
  await dan.frame((frame) => frame.event === 'user.joined')
  first.close()
  await untilConnections(w.gateway, 1)
  assert.deepEqual((await enter('frank')).ready.channels.map(({ online }) => online.length).toSorted(), [1, 2])
  const again = await enter('carol')
  await dan.settle()
  assert.equal(comings(dan).filter((one) => one.includes('carol')).length, 2)
  await again.settle()
  assert.deepEqual(comings(again), [])
})

test('a token for some channels is seen in those only', async (t) => {
  const { ids, enter } = await customersWorld(t, { presenceGraceMs: 10 })
  const dan = await enter('dan')
  const narrow = await enter('carol', { conversationIds: [ids.pair] })
  await dan.named('user.joined')
  await dan.settle()
  assert.deepEqual(comings(dan), [`user.joined carol ${ch(ids.pair)}`])
  const wide = await enter('carol')
  await dan.frame((frame) => frame.event === 'user.joined' && frame.channel === ch(ids.trio))
  wide.close()
  await dan.named('user.left')
  assert.deepEqual(comings(dan).slice(1), [`user.joined carol ${ch(ids.trio)}`, `user.left carol ${ch(ids.trio)}`])
  const frank = await enter('frank')
  assert.deepEqual(frank.ready.channels.find(({ id }) => id === ch(ids.trio))?.online, [cust(ids.dan)])
  await narrow.settle()
})

test('of two who come at once, each knows of the other', async (t) => {
  const { ids, enter, w } = await customersWorld(t, { presenceGraceMs: 0 })
  for (let round = 0; round < 20; round++) {
    const [carol, dan] = await Promise.all([enter('carol'), enter('dan')])
    for (const [socket, other] of [[carol, ids.dan] as const, [dan, ids.carol] as const]) {
      await socket.settle()
      const pair = socket.ready.channels.find(({ id }) => id === ch(ids.pair))
      const hasCome = socket.heard('user.joined').some(({ channel }) => channel === ch(ids.pair))
      assert.ok(pair?.online.includes(cust(other)) || hasCome, `round ${round}`)
    }
    for (const socket of [carol, dan]) socket.close()
    await untilConnections(w.gateway, 0)
  }
})

test('in a new channel those who are there hear of each other', async (t) => {
  const { server, enter } = await customersWorld(t)
  const [carol, dan] = [await enter('carol'), await enter('dan')]
  const { id } = await server.open('Order 9', ['carol', 'dan', 'frank'])
  for (const socket of [carol, dan]) {
    await socket.frame((frame) => frame.event === 'user.joined' && frame.channel === ch(id))
    await socket.settle()
  }
  const there = (socket: CustomerSocket) => comings(socket).filter((one) => one.endsWith(id))
  assert.deepEqual([there(carol), there(dan)], [[`user.joined dan ${ch(id)}`], [`user.joined carol ${ch(id)}`]])
  const frank = await enter('frank')
  assert.equal(frank.ready.channels.find((channel) => channel.id === ch(id))?.online.length, 2)
})

test('typing is told to the others of the channel: its beginning and its end, and never logged', async (t) => {
  const { ids, enter, w } = await customersWorld(t)
  const [carol, other, dan, frank] = [
    await enter('carol'),
    await enter('carol'),
    await enter('dan'),
    await enter('frank'),
  ]
  const acknowledged = await carol.ask('typing.start', { channel: ch(ids.pair) })
  assert.deepEqual([acknowledged.event, acknowledged.data], ['ack', { channel: ch(ids.pair) }])
  const { data, channel } = await dan.named('typing.started')
  const user = { id: cust(ids.carol), name: 'carol' }
  const started = Number(data.typing?.started_at)
  assert.deepEqual(data, { typing: { user, channel: { id: ch(ids.pair) }, started_at: started } })
  assert.equal(channel, ch(ids.pair))
  await carol.ask('typing.start', { channel: ids.pair })
  await carol.ask('typing.stop', { channel: ids.pair })
  await carol.ask('typing.stop', { channel: ids.pair })
  const stopped = await dan.named('typing.stopped')
  assert.ok(Number(stopped.data.typing?.stopped_at) >= started)
  for (const socket of [dan, other, frank]) await socket.settle()
  assert.equal(dan.heard('typing.started', 'typing.stopped').length, 2, 'refreshed once a second at most')
  for (const socket of [carol, other, frank]) assert.equal(socket.heard('typing.started', 'typing.stopped').length, 0)
  assert.deepEqual(await w.events(), [])
})

test('typing ends with the message, without renewal, and with the socket', async (t) => {
  const { ids, server, enter } = await customersWorld(t, { typingTtlMs: 50 })
  const dan = await enter('dan')
  const stops = async (count: number) => dan.frame(() => dan.heard('typing.stopped').length === count)
  const carol = await enter('carol')
  await carol.ask('typing.start', { channel: ids.pair })
  await stops(1)
  assert.equal(dan.heard('typing.started').length, 1)

  const patient = await customersWorld(t)
  const listener = await patient.enter('dan')
  const ended = async (count: number) => listener.frame(() => listener.heard('typing.stopped').length === count)
  const writer = await patient.enter('carol')
  await writer.ask('typing.start', { channel: patient.ids.pair })
  await writer.ask('typing.start', { channel: patient.ids.trio })
  await patient.server.say('carol', patient.ids.pair, 'done')
  await ended(1)
  assert.equal(listener.heard('typing.stopped')[0]?.channel, ch(patient.ids.pair))
  writer.close()
  await ended(2)
  assert.equal(listener.heard('typing.stopped')[1]?.channel, ch(patient.ids.trio))
  await server.say('carol', ids.pair, 'nobody typed')
  await dan.named('message.sent')
  assert.equal(dan.heard('typing.stopped').length, 1)
})

test('nobody types where they are not', async (t) => {
  const { ids, enter } = await customersWorld(t)
  const [carol, erin] = [await enter('carol'), await enter('erin')]
  for (const channel of [ids.aside, ids.foreign, ids.carol, ids.shop, crypto.randomUUID()]) {
    const { event, data } = await carol.ask('typing.start', { channel })
    assert.deepEqual([event, data.code, data.param], ['error', 'channel_not_found', 'channel'])
  }
  assert.deepEqual((await erin.ask('typing.start', { channel: ids.pair })).data.code, 'channel_not_found')
})

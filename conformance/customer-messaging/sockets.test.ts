// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { eventually } from '../harness/eventually.ts'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { bare, type Company, makeChannel, makeCompany, makeCustomer, refused, runJson, say } from './company.ts'

const server = await startTestServer()
const open: WebSocket[] = []
after(() => {
  for (const socket of open) socket.terminate()
})

/** A customer's browser: keeps every frame. */
function follow(token: string, { cursor, origin }: { cursor?: string; origin?: string } = {}) {
  const url = `${server.url.replace('http:', 'ws:')}/ws/customers?token=${token}${cursor ? `&cursor=${cursor}` : ''}`
  const socket = new WebSocket(url, { headers: origin === undefined ? {} : { origin } })
  open.push(socket)
  const frames: any[] = []
  socket.on('message', (data) => frames.push(JSON.parse(String(data))))
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  const heard = (event: string) => frames.filter((frame) => frame.event === event)
  return {
    frames,
    heard,
    closed,
    socket,
    until: (event: string, count = 1) =>
      eventually(() => {
        assert.ok(heard(event).length >= count, `${event}: ${JSON.stringify(frames)}`)
        return heard(event)[count - 1]
      }),
    send: (event: string, data: object) => socket.send(JSON.stringify({ event, data })),
  }
}

async function mint(company: Company, customer: { id: string }, fields: object = {}): Promise<any> {
  return ok(201, company.post('/tokens', { customer_uuid: customer.id, ...fields }))
}

async function makeTalk() {
  const { live, test: testKeys, made } = await makeCompany(server)
  const [carol, dan] = [await makeCustomer(live), await makeCustomer(live, 'Dan')]
  return { live, testKeys, made, carol, dan, channel: await makeChannel(live, [carol, dan]) }
}

test('a token is made for a customer, for all channels or some, for a while', async () => {
  const { live, carol, channel } = await makeTalk()
  const token = await mint(live, carol)
  const { token: _, ...rest } = token
  assert.deepEqual(rest, {
    object: 'token',
    customer: carol.id,
    channels: null,
    expires_at: rest.expires_at,
    created: rest.created,
    livemode: true,
  })
  assert.ok(Math.abs(rest.expires_at - rest.created - 3_600) <= 1)
  const short = await mint(live, { id: bare(carol.id) }, { channels: [bare(channel.id)], ttl: 60 })
  assert.deepEqual([short.channels, short.expires_at - short.created <= 60], [[channel.id], true])
})

test('what is wrong with a request for a token is named', async () => {
  const { live, carol, channel } = await makeTalk()
  const other = await makeTalk()
  const third = await makeCustomer(live, 'Erin')
  const aside = await makeChannel(live, [third, await makeCustomer(live, 'Fay')])
  const post = (body: object) => live.post('/tokens', { customer_uuid: carol.id, ...body })
  await refused('422 parameter_missing customer_uuid', live.post('/tokens', {}))
  await refused('422 parameter_invalid customer_uuid', post({ customer_uuid: 'nonsense' }))
  await refused('422 parameter_invalid customer_uuid', post({ customer_uuid: other.carol.id }))
  await refused('422 parameter_invalid channels.1', post({ channels: [channel.id, aside.id] }))
  await refused('422 parameter_invalid channels.0', post({ channels: [other.channel.id] }))
  for (const ttl of [59, 86_401, 60.5, 'x']) await refused('422 parameter_invalid ttl', post({ ttl }))
})

test('a customer hears of messages, new channels, typing and who is there', async () => {
  const { live, carol, dan, channel } = await makeTalk()
  const browser = follow((await mint(live, carol)).token)
  const ready = await browser.until('connection.ready')
  assert.deepEqual(ready.data.channels, [{ id: channel.id, head: 1, online: [] }])
  const message = await say(live, channel, dan, 'hello')
  const { data, channel: at } = await browser.until('message.sent')
  assert.deepEqual([data.message, at], [message, channel.id])

  const other = follow((await mint(live, dan)).token)
  assert.deepEqual((await other.until('connection.ready')).data.channels[0].online, [carol.id])
  assert.deepEqual((await browser.until('user.joined')).data.user.id, dan.id)
  other.send('typing.start', { channel: channel.id })
  const typing = await browser.until('typing.started')
  assert.deepEqual(typing.data.typing.user, { id: dan.id, name: 'Dan' })
  other.send('typing.stop', { channel: channel.id })
  await browser.until('typing.stopped')
  const made = await makeChannel(live, [carol, dan], 'Project')
  assert.equal((await browser.until('channel.created')).data.channel.id, made.id)
  other.socket.close()
  await browser.until('user.left')
  assert.ok(!JSON.stringify(browser.frames).includes(dan.email))
})

test('what was missed follows from the cursor, over a restart of the server', async () => {
  const { live, carol, dan, channel } = await makeTalk()
  const token = (await mint(live, carol)).token
  const browser = follow(token)
  await browser.until('connection.ready')
  await say(live, channel, dan, 'one')
  const { cursor, seq } = await browser.until('message.sent')
  browser.socket.terminate()
  await say(live, channel, dan, 'two')
  await server.kill()
  await server.start()
  await say(live, channel, dan, 'three')
  const again = follow(token, { cursor })
  await again.until('message.sent', 2)
  assert.equal(again.heard('connection.ready')[0].data.resumed, true)
  const heard = again.heard('message.sent').map((frame) => [frame.data.message.content, frame.seq])
  assert.deepEqual(heard, [
    ['two', seq + 1],
    ['three', seq + 2],
  ])
})

test('a token opens its channels only, at its client’s pages only, and while its client is one', async () => {
  const { live, made, carol, dan, channel } = await makeTalk()
  const aside = await makeChannel(live, [carol, dan], 'Aside')
  const token = (await mint(live, carol, { channels: [channel.id] })).token
  const browser = follow(token, { origin: `https://shop.${live.domain}` })
  assert.deepEqual(
    (await browser.until('connection.ready')).data.channels.map(({ id }: { id: string }) => id),
    [channel.id],
  )
  await say(live, aside, dan, 'not for this token')
  await say(live, channel, dan, 'for this token')
  await browser.until('message.sent')
  assert.deepEqual(
    browser.heard('message.sent').map(({ data }) => data.message.content),
    ['for this token'],
  )
  assert.equal(await follow(token, { origin: 'https://evil.example' }).closed, 4403)
  assert.equal(await follow('nonsense').closed, 4401)
  assert.equal(await follow(live.token).closed, 4401)
  await runJson(server, ['client', 'revoke', made.id])
  assert.equal(await browser.closed, 4401)
  assert.equal(await follow(token).closed, 4401)
})

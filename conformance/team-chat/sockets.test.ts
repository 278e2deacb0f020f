import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { call } from '../harness/client.ts'
import { eventually } from '../harness/eventually.ts'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { enter as openReady, openSocket, type Socket } from './socket.ts'
import { type Caller, makePerson, makeTeam, say } from './team.ts'

const { url } = await startTestServer()
const open: Socket[] = []
after(() => {
  for (const socket of open) socket.drop()
})

const dial = (options: Parameters<typeof openSocket>[1] = {}) => {
  const socket = openSocket(url, options)
  open.push(socket)
  return socket
}

const enter = async (person: Caller, query: Record<string, string> = {}) => {
  const socket = await openReady(url, person, query)
  open.push(socket)
  return socket
}

/** Past this, all that the log held before has come: people hear of their own profile, whatever they may see. */
async function caughtUp(person: Caller, socket: Socket): Promise<void> {
  const name = `mark ${Math.random()}`
  await ok(200, person.put('/users/me', { name }))
  await socket.hears('USER_UPDATED', (user) => user.id === person.id && user.name === name)
}

test('one signs in by header, query, ticket or first frame', async () => {
  const ada = await makePerson(url, 'ada')
  const authorization = `Bearer ${ada.token}`
  const { ticket, expires_at } = await ok(201, ada.post('/ws/tickets'))
  const left = Date.parse(expires_at) - Date.now()
  assert.ok(left > 20_000 && left <= 30_000)
  const other = await ok(201, ada.post('/v1/ws/tickets'))
  const byFrame = dial()
  byFrame.send({ event: 'AUTH', data: { token: ada.token } })
  for (const socket of [
    dial({ headers: { authorization } }),
    dial({ query: { token: ada.token } }),
    dial({ query: { ticket } }),
    dial({ query: { ticket: other.ticket }, path: '/ws/' }),
    byFrame,
  ]) {
    const { data } = await socket.hears('READY')
    assert.deepEqual(socket.names().slice(0, 2), ['HELLO', 'READY'])
    assert.ok(socket.frames[0]!.data.beat_ms > 0)
    assert.deepEqual([data.user.id, data.user.email, data.resumed], [ada.id, ada.email, false])
    assert.equal(data.user.status, 'online', 'who is connected is not told of themselves as offline')
    assert.ok(data.session && data.cursor && Array.isArray(data.streams))
  }
  assert.equal(await dial({ query: { ticket } }).closed, 4401, 'a ticket is for one use')
})

test('who cannot sign in is closed with 4401, and nothing is told', async () => {
  const { token } = await makePerson(url, 'ada')
  const forged = dial()
  forged.send({ event: 'AUTH', data: { token: `${token}x` } })
  for (const socket of [
    forged,
    dial({ query: { token: 'nonsense' } }),
    dial({ query: { ticket: 'nonsense' } }),
    dial({ headers: { authorization: `Bearer ${token}x` } }),
  ]) {
    assert.equal(await socket.closed, 4401)
    assert.ok(!socket.names().includes('READY'))
  }
  const early = dial()
  early.send({ event: 'SUBSCRIBE', data: { channel_id: 'x' } })
  assert.ok([4400, 4401].includes(await early.closed))
})

test('READY tells of all conversations, and what is unread in them', async () => {
  const { ada, bob, general, secret, workspace } = await makeTeam(url)
  await say(ada, general, `hi @${bob.username}`)
  await say(ada, general, 'more')
  const socket = await enter(bob)
  const { streams } = (await socket.hears('READY')).data
  const of = (id: string) => streams.find((stream: { id: string }) => stream.id === id)
  assert.deepEqual([of(general).unread, of(general).mentions, of(general).read], [2, 1, 0])
  assert.deepEqual([of(secret).unread, of(secret).mentions], [0, 0])
  assert.ok(of(workspace) && of(bob.id))
})

test('a message, its edit and its deletion come to whoever is in the channel, with seq and cursor', async () => {
  const { ada, bob, cy, gus, eve, mallory, secret } = await makeTeam(url)
  const [socket, ...others] = await Promise.all([bob, cy, gus, eve, mallory].map((person) => enter(person)))
  const message = await say(ada, secret, 'between us')
  const told = await socket!.hears('NEW_MESSAGE')
  assert.deepEqual(told.data, message)
  assert.equal(told.stream, secret)
  assert.ok(Number.isInteger(told.seq) && told.cursor && told.at)
  await ok(200, ada.put(`/messages/${message.id}`, { body: 'changed' }))
  const edited = await socket!.hears('MESSAGE_UPDATED')
  assert.deepEqual([edited.data.id, edited.data.body, edited.seq], [message.id, 'changed', told.seq! + 1])
  await ok(204, ada.delete(`/messages/${message.id}`))
  const deleted = await socket!.hears('MESSAGE_DELETED')
  assert.deepEqual([deleted.data.id, deleted.data.body, deleted.seq], [message.id, '', told.seq! + 2])
  for (const [i, person] of [cy, gus, eve, mallory].entries()) {
    await caughtUp(person, others[i]!)
    assert.ok(!JSON.stringify(others[i]!.frames).includes(message.id), `${person.username} heard of it`)
    assert.ok(!JSON.stringify(others[i]!.frames).includes(secret), `${person.username} heard of it`)
  }
})

test('a reply is a THREAD_RESPONSE, and no NEW_MESSAGE', async () => {
  const { ada, bob, cy, general } = await makeTeam(url)
  const socket = await enter(cy)
  const root = await say(ada, general, 'root')
  const reply = await say(bob, general, 'reply', { parent_message_id: root.id })
  assert.deepEqual((await socket.hears('THREAD_RESPONSE')).data, reply)
  await caughtUp(cy, socket)
  assert.deepEqual(
    socket.frames.filter(({ event }) => event === 'NEW_MESSAGE').map(({ data }) => data.id),
    [root.id],
  )
})

test('a mention is told as MENTION, and then as NOTIFICATION; an edit tells the newly mentioned', async () => {
  const { ada, bob, cy, general } = await makeTeam(url)
  const [bobs, cys] = [await enter(bob), await enter(cy)]
  const message = await say(ada, general, `hi @${bob.username}`)
  const notification = await bobs.hears('NOTIFICATION', ({ event_type }) => event_type === 'mention')
  const mention = await bobs.hears('MENTION')
  assert.deepEqual([mention.data.message.id, mention.data.notification], [message.id, notification.data])
  assert.ok(bobs.frames.indexOf(mention) < bobs.frames.indexOf(notification))
  await ok(200, ada.put(`/messages/${message.id}`, { body: `hi @${bob.username} @${cy.username}` }))
  assert.equal((await cys.hears('MENTION')).data.message.id, message.id)
  await caughtUp(bob, bobs)
  assert.equal(bobs.names().filter((name) => name === 'MENTION').length, 1)

  await ok(200, bob.put(`/notifications/${notification.data.id}`))
  await bobs.hears('NOTIFICATION', ({ id, read_at }) => id === notification.data.id && read_at !== null)
  await say(ada, general, `again @${bob.username}`)
  await ok(200, bob.put('/notifications'))
  const read = await bobs.hears('NOTIFICATIONS_READ')
  assert.ok(read.data.read_at && read.data.notification_ids.length >= 1)
})

test('reactions come as they are added and removed', async () => {
  const { ada, bob, cy, general } = await makeTeam(url)
  const socket = await enter(cy)
  const { id } = await say(ada, general, 'x')
  const reaction = await ok(201, bob.post(`/messages/${id}/reactions`, { reaction_content: '👍' }))
  assert.deepEqual((await socket.hears('REACTION_ADDED')).data, { ...reaction, channel_id: general })
  await ok(204, bob.delete(`/messages/${id}/reactions/👍`))
  assert.deepEqual((await socket.hears('REACTION_REMOVED')).data, { ...reaction, channel_id: general })
})

test('channels come and go in front of whoever may see them', async () => {
  const { ada, bob, cy, gus, makeChannel } = await makeTeam(url)
  const [bobs, cys, guss] = [await enter(bob), await enter(cy), await enter(gus)]
  const id = await makeChannel({ name: 'news' })
  const is = (data: { id?: string; channel_id?: string }) => (data.id ?? data.channel_id) === id
  assert.equal((await cys.hears('CHANNEL_CREATED', is)).data.name, 'news')
  await ok(200, ada.put(`/channels/${id}`, { name: 'old news' }))
  assert.equal((await cys.hears('CHANNEL_UPDATED', is)).data.name, 'old news')
  await ok(201, ada.post(`/channels/${id}/members`, { user_id: bob.id }))
  assert.equal((await bobs.hears('CHANNEL_JOINED', is)).data.is_member, true)
  const joined = await bobs.hears('NOTIFICATION', ({ event_type }) => event_type === 'channel_invite')
  assert.equal(joined.data.target_id, id)
  await ok(200, ada.put(`/channels/${id}`, { is_private: true }))
  await cys.hears('CHANNEL_HIDDEN', is)
  await ok(201, bob.post(`/channels/${id}/members`, { user_id: cy.id }))
  const { data } = await bobs.hears('MEMBER_JOINED', (one) => one.channel_id === id && one.user_id === cy.id)
  assert.equal(data.channel_id, id)
  const { id: message } = await say(bob, id, 'hello')
  await cys.hears('NEW_MESSAGE', (one) => one.id === message)
  await ok(200, cy.put(`/channels/${id}/read`))
  assert.equal((await cys.hears('CHANNEL_READ', is)).data.read_sequence, 1)
  await ok(204, ada.delete(`/channels/${id}/members/${cy.id}`))
  await cys.hears('CHANNEL_LEFT', is)
  await bobs.hears('MEMBER_LEFT', (one) => one.channel_id === id && one.user_id === cy.id)
  await say(bob, id, 'is she gone?')
  await ok(204, ada.delete(`/channels/${id}`))
  await bobs.hears('CHANNEL_DELETED', is)
  await caughtUp(cy, cys)
  assert.ok(!JSON.stringify(cys.frames).includes('is she gone?'), 'who was taken out hears nothing more')
  await caughtUp(gus, guss)
  assert.ok(!JSON.stringify(guss.frames).includes(id), 'a guest hears of no channel that it is not in')
})

test('a workspace tells of its members, and its members of it', async () => {
  const { ada, bob, eve, workspace } = await makeTeam(url)
  const [bobs, eves] = [await enter(bob), await enter(eve)]
  const path = `/workspaces/${workspace}`
  const ofEve = (data: { workspace_id?: string; user_id?: string }) =>
    data.workspace_id === workspace && data.user_id === eve.id
  await ok(201, ada.post(`${path}/members`, { user_id: eve.id }))
  assert.equal((await eves.hears('WORKSPACE_JOINED')).data.id, workspace)
  const joined = await bobs.hears('MEMBER_JOINED', ofEve)
  assert.deepEqual([joined.data.role, joined.data.user.username], ['member', eve.username])
  await ok(200, ada.put(`${path}/members/${eve.id}`, { role: 'admin' }))
  assert.equal((await bobs.hears('MEMBER_UPDATED', ofEve)).data.role, 'admin')
  await ok(200, ada.put(path, { name: 'Acme 2' }))
  assert.equal((await eves.hears('WORKSPACE_UPDATED')).data.name, 'Acme 2')
  await ok(200, eve.put('/users/me', { name: 'Eve of Acme' }))
  await bobs.hears('USER_UPDATED', ({ id, name, email }) => id === eve.id && name === 'Eve of Acme' && !email)
  await ok(204, ada.delete(`${path}/members/${eve.id}`))
  await bobs.hears('MEMBER_LEFT', ofEve)
  assert.deepEqual((await eves.hears('WORKSPACE_LEFT')).data, { workspace_id: workspace })
  await ok(204, ada.delete(path))
  await bobs.hears('WORKSPACE_DELETED')
})

test('presence follows the sockets, and typing passes by', async () => {
  const { ada, bob, gus, general } = await makeTeam(url)
  const adas = await enter(ada)
  const guss = await enter(gus)
  assert.equal((await ok(200, ada.get(`/users/${bob.id}`))).status, 'offline')
  const bobs = await enter(bob)
  await adas.hears('PRESENCE', ({ user_id, status }) => user_id === bob.id && status === 'online')
  assert.equal((await ok(200, ada.get(`/users/${bob.id}`))).status, 'online')
  const here = await say(ada, general, '@here')
  assert.equal((await bobs.hears('MENTION')).data.message.id, here.id)

  bobs.send({ event: 'TYPING', data: { channel_id: general } })
  const typing = await adas.hears('TYPING')
  assert.deepEqual([typing.data.channel_id, typing.data.user_id], [general, bob.id])
  assert.ok(typing.data.ttl_ms > 0 && typing.seq === undefined)
  await caughtUp(gus, guss)
  assert.ok(!guss.names().includes('TYPING'))

  bobs.drop()
  await adas.hears('PRESENCE', ({ user_id, status }) => user_id === bob.id && status === 'offline')
  assert.equal((await ok(200, ada.get(`/users/${bob.id}`))).status, 'offline')
})

test('frames are answered by their id; what cannot be is an ERROR', async () => {
  const { ada, bob, cy, eve, secret, makeChannel } = await makeTeam(url)
  const lounge = await makeChannel({ name: 'lounge' })
  const [bobs, cys] = [await enter(bob), await enter(cy)]
  assert.equal((await bobs.ask('PING')).event, 'PONG')
  await say(ada, secret, 'one')
  const read = await bobs.ask('READ', { channel_id: secret })
  assert.deepEqual([read.event, read.data.read_sequence, read.data.unread_count], ['ACK', 1, 0])
  assert.equal((await ok(200, bob.get(`/channels/${secret}`))).unread_count, 0)

  const subscribed = await bobs.ask('SUBSCRIBE', { channel_id: lounge })
  assert.equal(subscribed.event, 'ACK')
  const { id } = await say(ada, lounge, 'who listens?')
  await bobs.hears('NEW_MESSAGE', (message) => message.id === id)
  assert.equal((await bobs.ask('UNSUBSCRIBE', { channel_id: lounge })).event, 'ACK')
  const { id: unheard } = await say(ada, lounge, 'and now?')
  await caughtUp(bob, bobs)
  assert.ok(!bobs.frames.some(({ data }) => data.id === unheard))

  const eves = await enter(eve)
  for (const [socket, event, data] of [
    [cys, 'SUBSCRIBE', { channel_id: secret }],
    [cys, 'TYPING', { channel_id: secret }],
    [cys, 'READ', { channel_id: secret }],
    [eves, 'SUBSCRIBE', { channel_id: lounge }],
    [cys, 'SUBSCRIBE', { channel_id: 'x' }],
    [cys, 'SUBSCRIBE', {}],
    [cys, 'DANCE', {}],
  ] as const) {
    const answer = await socket.ask(event, data)
    assert.equal(answer.event, 'ERROR', `${event} ${JSON.stringify(data)}: ${JSON.stringify(answer)}`)
    assert.ok(answer.data.error?.code ?? answer.data.code)
  }
  cys.send('no JSON')
  assert.equal(await cys.closed, 4400)
})

test('what a session loses it loses on its sockets at once', async () => {
  const ada = await makePerson(url, 'ada')
  const other = await ok(200, call(url, 'POST', '/login', { body: { email: ada.email, password: ada.password } }))
  const [here, there] = [await enter(ada), dial({ query: { token: other.access_token } })]
  await there.hears('READY')
  await ok(204, ada.post('/logout'))
  assert.equal(await here.closed, 4401)
  assert.equal((await there.ask('PING')).event, 'PONG')

  await ok(200, call(url, 'POST', '/refresh', { body: { refresh_token: other.refresh_token } }))
  assert.equal((await there.ask('PING')).event, 'PONG')
  const reuse = await call(url, 'POST', '/refresh', { body: { refresh_token: other.refresh_token } })
  assert.equal(reuse.status, 401)
  assert.equal(await there.closed, 4401)
})

test('a member who is removed hears nothing more of the workspace', async () => {
  const { ada, bob, workspace, general, secret } = await makeTeam(url)
  const socket = await enter(bob)
  await ok(204, ada.delete(`/workspaces/${workspace}/members/${bob.id}`))
  await socket.hears('WORKSPACE_LEFT')
  for (const channel of [general, secret]) await say(ada, channel, 'without bob')
  await caughtUp(bob, socket)
  assert.ok(!JSON.stringify(socket.frames).includes('without bob'))
})

test('a direct message opens a conversation in front of both', async () => {
  const { ada, bob } = await makeTeam(url)
  const [adas, bobs] = [await enter(ada), await enter(bob)]
  const sent = await ok(201, ada.post(`/dms/users/${bob.id}/messages`, { body: 'psst' }))
  for (const socket of [adas, bobs]) {
    assert.equal((await socket.hears('CHANNEL_JOINED', ({ id }) => id === sent.channel_id)).data.kind, 'direct')
    assert.deepEqual((await socket.hears('NEW_MESSAGE')).data, sent)
  }
  const { data } = await bobs.hears('NOTIFICATION', ({ event_type }) => event_type === 'direct_message')
  assert.equal(data.target_id, sent.id)
  await eventually(async () => assert.equal((await ok(200, bob.get('/dms'))).data[0].unread_count, 1))
})

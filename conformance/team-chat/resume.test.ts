import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { enter, type Frame, openSocket, type Socket } from './socket.ts'
import { makeTeam, say } from './team.ts'

const server = await startTestServer()
const { url } = server
const open: Socket[] = []
after(() => {
  for (const socket of open) socket.drop()
})

const keep = (socket: Socket) => {
  open.push(socket)
  return socket
}

/** The steps of the log that came, which is all but what passes by. */
const steps = (frames: Frame[]) => frames.filter(({ cursor, seq }) => cursor !== undefined && seq !== undefined)
const lastCursor = ({ frames }: Socket): string =>
  steps(frames).at(-1)?.cursor ?? frames.find(({ event }) => event === 'READY')!.data.cursor

/** Nothing twice, nothing missing, in order: per stream the seqs go up by one. */
function requireGapless(frames: Frame[]) {
  const heads = new Map<string, number>()
  for (const { stream, seq } of steps(frames)) {
    const head = heads.get(stream!)
    if (head !== undefined) assert.equal(seq, head + 1, `a hole or a repeat in ${stream}`)
    heads.set(stream!, seq!)
  }
}

test('a socket that is dropped again and again misses nothing and hears nothing twice', async () => {
  const { ada, bob, general, secret } = await makeTeam(url)
  const heard: Frame[] = []
  const sent: string[] = []
  let socket = keep(await enter(url, bob))
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 4; i++) sent.push((await say(ada, i % 2 ? general : secret, `${round}.${i}`)).id)
    // Dropped in the middle of what comes: at any frame of this round, or before the first.
    const seen = sent[sent.length - 1 - (round % 4)]
    if (round % 3 !== 2) await socket.hears('NEW_MESSAGE', ({ id }) => id === seen)
    socket.drop()
    heard.push(...socket.frames)
    const cursor = lastCursor(socket)
    sent.push((await say(ada, general, `while away ${round}`)).id)
    socket = keep(await enter(url, bob, { cursor }))
    const ready = await socket.hears('READY')
    assert.equal(ready.data.resumed, true)
    assert.equal(ready.data.gap, undefined)
  }
  const last = await say(ada, general, 'last')
  sent.push(last.id)
  await socket.hears('NEW_MESSAGE', ({ id }) => id === last.id)
  heard.push(...socket.frames)
  assert.deepEqual(
    heard.filter(({ event }) => event === 'NEW_MESSAGE').map(({ data }) => data.id),
    sent,
  )
  requireGapless(heard)
})

test('a cursor works after the server was killed and started again', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const before = keep(await enter(url, bob))
  const first = await say(ada, general, 'before')
  await before.hears('NEW_MESSAGE')
  before.drop()
  const away = await say(ada, general, 'while away')
  await server.kill()
  await server.start()
  const later = await say(ada, general, 'after the restart')
  const socket = keep(await enter(url, bob, { cursor: lastCursor(before) }))
  assert.equal((await socket.hears('READY')).data.resumed, true)
  await socket.hears('NEW_MESSAGE', ({ id }) => id === later.id)
  const frames = [...before.frames, ...socket.frames]
  assert.deepEqual(
    frames.filter(({ event }) => event === 'NEW_MESSAGE').map(({ data }) => data.id),
    [first.id, away.id, later.id],
  )
  requireGapless(frames)
})

test('all kinds of changes are replayed, in their order', async () => {
  const { ada, bob, workspace, general } = await makeTeam(url)
  const before = keep(await enter(url, bob))
  const cursor = lastCursor(before)
  before.drop()
  const { id } = await say(ada, general, `hi @${bob.username}`)
  await say(ada, general, 'reply', { parent_message_id: id })
  await ok(201, ada.post(`/messages/${id}/reactions`, { reaction_content: '👍' }))
  await ok(200, ada.put(`/messages/${id}`, { body: 'edited' }))
  await ok(200, ada.put(`/channels/${general}`, { description: 'new' }))
  await ok(200, ada.put(`/workspaces/${workspace}`, { name: 'New' }))
  await ok(204, ada.delete(`/messages/${id}`))
  const socket = keep(openSocket(url))
  socket.send({ event: 'AUTH', data: { token: bob.token, cursor } })
  await socket.hears('MESSAGE_DELETED')
  assert.equal((await socket.hears('READY')).data.resumed, true)
  const wanted = ['NEW_MESSAGE', 'THREAD_RESPONSE', 'REACTION_ADDED', 'MESSAGE_UPDATED', 'CHANNEL_UPDATED']
  const order = [...wanted, 'WORKSPACE_UPDATED', 'MESSAGE_DELETED']
  assert.deepEqual(
    socket.names().filter((name) => order.includes(name)),
    order,
  )
  const names = socket.names()
  assert.ok(names.includes('MENTION') && names.indexOf('MENTION') < names.indexOf('NOTIFICATION'))
})

test('what was taken away meanwhile is not replayed', async () => {
  const { ada, bob, secret } = await makeTeam(url)
  const before = keep(await enter(url, bob))
  const cursor = lastCursor(before)
  before.drop()
  await say(ada, secret, 'still with bob')
  await ok(204, ada.delete(`/channels/${secret}/members/${bob.id}`))
  const { id } = await say(ada, secret, 'without bob')
  const socket = keep(await enter(url, bob, { cursor }))
  await socket.hears('CHANNEL_LEFT')
  const mark = await ok(201, bob.post(`/dms/users/${bob.id}/messages`, { body: 'mark' }))
  await socket.hears('NEW_MESSAGE', (message) => message.id === mark.id)
  assert.ok(!JSON.stringify(socket.frames).includes(id))
})

test('a cursor of nonsense or of somebody else gives a fresh beginning, and nothing of theirs', async () => {
  const { ada, bob, eve, general } = await makeTeam(url)
  const bobs = keep(await enter(url, bob))
  const { id } = await say(ada, general, 'not for eve')
  await bobs.hears('NEW_MESSAGE')
  const first = bobs.frames.find(({ event }) => event === 'READY')!.data.cursor
  for (const cursor of ['nonsense', `${first}x`, first]) {
    const socket = keep(openSocket(url, { query: { cursor }, headers: { authorization: `Bearer ${eve.token}` } }))
    const outcome = await Promise.race([socket.hears('READY'), socket.closed])
    if (typeof outcome === 'number') {
      assert.ok([4400, 4401].includes(outcome), `${outcome}`)
      continue
    }
    const mark = await ok(201, eve.post(`/dms/users/${eve.id}/messages`, { body: 'mark' }))
    await socket.hears('NEW_MESSAGE', (message) => message.id === mark.id)
    assert.ok(!JSON.stringify(socket.frames).includes(id))
  }
})

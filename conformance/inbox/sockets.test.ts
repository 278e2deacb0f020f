import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAccessTokens } from '../../server/src/platform/crypto/access-tokens.ts'
import { deriveKey } from '../../server/src/platform/crypto/derive-key.ts'
import { call } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'
import { startWithOutside } from './outside.ts'
import { enter, type Frame, openSocket, type Socket } from './socket.ts'
import { type Caller, data, makeTeam } from './team.ts'

const PARLANCE_SECRET = 'known to this test, which makes a token that has expired'
const { url, outside } = await startWithOutside({ PARLANCE_SECRET })

async function makeInbox() {
  const team = await makeTeam(url)
  const meet = (name: string) => outside.meet({ workspaceId: team.workspace, name })
  return { ...team, meet }
}

const UPDATES = ['new_message', 'message_status', 'conversation_update', 'conversation_deleted']
const updatesOf = ({ frames }: Socket) => frames.filter(({ type }) => UPDATES.includes(type))

test('all members hear of the first message of somebody unknown, in the objects of the routes', async () => {
  const { ada, bob, meet } = await makeInbox()
  const sockets = [await enter(url, ada), await enter(url, bob)]
  const carol = await meet('Carol')
  const heard = await outside.hear(carol, { body: 'Is anybody there? <b>', transport: 'whatsapp' })
  const path = `/conversations/${carol.conversation.id}`
  const [message] = (await data(200, bob.get(`${path}/messages`))).data
  const conversation = await data(200, bob.get(path))
  for (const socket of sockets) {
    const told = await socket.hears('new_message', ({ id }) => id === heard.id)
    assert.deepEqual(told.data, message)
    // It follows in the same piece. One before it may tell already of a part of what it tells.
    const next = socket.frames[socket.frames.indexOf(told) + 1]
    assert.deepEqual([next?.type, next?.data], ['conversation_update', conversation])
    assert.equal(conversation.unreadCount, 1)
  }
})

test('what becomes of a message, stars and what is read are told to the whole team', async () => {
  const { ada, bob, cy, meet } = await makeInbox()
  const carol = await meet('Carol')
  const socket = await enter(url, bob)
  const ours = await outside.tell(carol, { body: 'We are', authorId: ada.id })
  const steps = ['sent', 'delivered', 'read'] as const
  for (const status of steps) await outside.report(ours, { status, source: 'report', carrierStatus: status })
  const { data: message } = await socket.hears('message_status', ({ status }) => status === 'read')
  assert.deepEqual([message.id, message.message, message.sender], [ours.id, 'We are', ada.id])
  const statuses = socket.frames.filter(({ type }) => type === 'message_status').map((frame) => frame.data.status)
  assert.deepEqual(statuses, steps)

  const path = `/conversations/${carol.conversation.id}`
  const starred = await data(200, cy.patch(path, { isStarred: true, unreadCount: 7 }))
  assert.deepEqual((await socket.hears('conversation_update', ({ isStarred }) => isStarred)).data, starred)
  await data(200, cy.patch(`${path}/contact`, { tags: ['vip'] }))
  await socket.hears('conversation_update', ({ contactDetails }) => contactDetails.tags[0] === 'vip')
  await data(200, cy.delete(path))
  assert.deepEqual((await socket.hears('conversation_deleted')).data, { id: carol.conversation.id })
})

test('who subscribes to one conversation hears of that one only', async () => {
  const { bob, meet } = await makeInbox()
  const [carol, dan] = [await meet('Carol'), await meet('Dan')]
  const socket = await enter(url, bob, { conversationId: carol.conversation.id })
  await outside.hear(dan, 'from Dan')
  const heard = await outside.hear(carol, 'from Carol')
  await socket.hears('conversation_update', ({ lastMessage }) => lastMessage?.id === heard.id)
  assert.deepEqual(
    updatesOf(socket).map(({ type, data }) => [type, data.contactId ?? data.id]),
    [
      ['new_message', heard.id],
      ['conversation_update', carol.contactId],
    ],
  )
  socket.send({ action: 'subscribe', conversationId: crypto.randomUUID(), id: 3 })
  const refusal = await socket.hears('error')
  assert.deepEqual([refusal.id, refusal.data.code], [3, 'conversation_not_found'])
  socket.send({ action: 'subscribe' })
  await socket.hears('subscribed', ({ conversationId }) => conversationId === undefined)
  const later = await outside.hear(dan, 'now you hear me')
  await socket.hears('new_message', ({ id }) => id === later.id)
})

function expiredToken({ id: userId, token }: Caller): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
  const tokens = createAccessTokens(deriveKey(PARLANCE_SECRET, 'access tokens'))
  const times = { issuedAt: '2026-01-31T09:00:00.000Z', expiresAt: '2026-01-31T09:15:00.000Z' }
  return tokens.sign({ id: crypto.randomUUID(), userId, sessionId: claims.sid, ...times })
}

test('members sign in by header, query or ticket; all others are refused', async () => {
  const { ada, bob, gus, eve, mallory, workspace, otherWorkspace } = await makeInbox()
  const workspaceId = workspace
  const { ticket } = await ok(201, call(url, 'POST', '/v1/ws/tickets', { token: bob.token }))
  for (const socket of [
    openSocket(url, { query: { token: bob.token } }),
    openSocket(url, { query: { ticket } }),
    openSocket(url, { headers: { authorization: `Bearer ${bob.token}`, 'x-workspace-id': workspaceId } }),
  ]) {
    assert.equal((await socket.hears('ready')).data.workspaceId, workspaceId)
    socket.drop()
  }
  for (const [code, query] of [
    [4401, { token: expiredToken(ada) }],
    [4401, { token: `${ada.token}x` }],
    [4401, { ticket }],
    [4403, { token: gus.token }],
    [4403, { token: gus.token, workspaceId }],
    [4403, { token: eve.token }],
    [4403, { token: eve.token, workspaceId }],
    [4403, { token: mallory.token, workspaceId }],
    [4403, { token: ada.token, workspaceId: otherWorkspace }],
    [4400, { token: ada.token, workspaceId: 'acme' }],
  ] as const) {
    const socket = openSocket(url, { query })
    assert.equal(await socket.closed, code, JSON.stringify(query))
    assert.ok(!socket.frames.some(({ type }) => type === 'ready'))
  }
})

test('who leaves the workspace or becomes a guest hears no more, at once', async () => {
  const { ada, bob, cy, workspace, meet } = await makeInbox()
  const sockets = [await enter(url, bob), await enter(url, cy)]
  const member = (id: string) => `/workspaces/${workspace}/members/${id}`
  await ok(204, call(url, 'DELETE', member(bob.id), { token: ada.token }))
  await ok(200, call(url, 'PATCH', member(cy.id), { token: ada.token, body: { role: 'guest' } }))
  await outside.hear(await meet('Carol'), 'not for you')
  for (const socket of sockets) {
    assert.equal(await socket.closed, 4403)
    assert.deepEqual(updatesOf(socket), [])
  }
})

test('who is cut off comes back with a cursor and has missed nothing, and nothing comes twice', async () => {
  const { ada, bob, meet } = await makeInbox()
  const carol = await meet('Carol')
  const whole = await enter(url, ada)
  const first = await enter(url, bob)
  const before = await outside.hear(carol, 'before')
  const isLast = (wanted: { id: string }) => (data: { lastMessage?: { id: string } }) =>
    data.lastMessage?.id === wanted.id
  const { cursor } = await first.hears('conversation_update', isLast(before))
  first.drop()
  for (let i = 0; i < 20; i++) await outside.hear(carol, `meanwhile ${i}`)
  const ours = await outside.tell(carol, { body: 'We are', authorId: ada.id })
  const second = await enter(url, bob, { cursor: cursor! })
  assert.equal((await second.hears('ready')).data.resumed, true)
  await data(200, ada.patch(`/conversations/${carol.conversation.id}`, { unreadCount: 99 }))
  const ends = ({ unreadCount }: { unreadCount: number }) => unreadCount === 99
  for (const socket of [whole, second]) await socket.hears('conversation_update', ends)
  const key = ({ type, data, cursor }: Frame) => `${type} ${data.id} ${cursor}`
  assert.deepEqual([...updatesOf(first), ...updatesOf(second)].map(key), updatesOf(whole).map(key))
  assert.ok(updatesOf(second).some(({ type, data }) => type === 'new_message' && data.id === ours.id))
})

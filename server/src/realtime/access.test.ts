import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteChannel } from '../core/conversations/delete-channel.ts'
import { joinConversation } from '../core/conversations/join-conversation.ts'
import { removeParticipant } from '../core/conversations/remove-participant.ts'
import { updateChannel } from '../core/conversations/update-channel.ts'
import { sendMessage } from '../core/messages/send-message.ts'
import { revokeSession } from '../core/sessions/revoke-session.ts'
import { deleteWorkspace } from '../core/workspaces/delete-workspace.ts'
import { removeMember } from '../core/workspaces/remove-member.ts'
import { updateMember } from '../core/workspaces/update-member.ts'
import { type RawSocket, type RealtimeWorld, realtimeWorld } from '../testing/realtime-world.ts'

type Who = 'ada' | 'bob' | 'cy' | 'gus' | 'eve' | 'mallory'

async function enter({ socket }: RealtimeWorld, name: Who): Promise<RawSocket> {
  const raw = socket('/v1/ws/connect', { authorization: `Bearer ${name}` })
  await raw.frame((frame) => frame.op === 'ready')
  return raw
}

async function ask(raw: RawSocket, op: string, d: object) {
  const id = raw.frames.length + 1_000
  await raw.send({ id, op, d })
  return raw.frame((frame) => frame.re === id) as Promise<unknown> as Promise<{ ok: boolean; err?: { code: string } }>
}

const say = (w: RealtimeWorld, conversationId: string, body = 'hi') =>
  sendMessage(w.as('ada'), { conversationId, body })

/** What of a stream somebody heard, up to a request that is answered after all of it. */
async function heard(raw: RawSocket, streamId: string): Promise<(string | undefined)[]> {
  await ask(raw, 'beat', {})
  return raw.frames.filter((frame) => frame.op === 'ev' && frame.s === streamId).map((frame) => frame.t)
}

/** Resolves when everything committed so far has been handed to the sockets. */
const settle = (w: RealtimeWorld) => w.tail.caughtUp()

test('who joins hears what follows, who leaves hears no more', async (t) => {
  const w = await realtimeWorld(t)
  const cy = await enter(w, 'cy')
  await say(w, w.ids.general)
  await joinConversation(w.as('cy'), { conversationId: w.ids.general })
  await say(w, w.ids.general)
  await removeParticipant(w.as('cy'), { conversationId: w.ids.general, userId: w.ids.cy })
  await say(w, w.ids.general)
  await settle(w)
  assert.deepEqual(await heard(cy, w.ids.general), ['message.created', 'participant.left'])
  assert.deepEqual(await heard(cy, w.ids.cy), ['conversation.joined', 'conversation.left'])
})

test('a removed member hears nothing of the workspace any more, at once and on resume', async (t) => {
  const w = await realtimeWorld(t)
  const bob = w.client('bob', { reconnectMs: 100 })
  await bob.connect()
  await removeMember(w.as('ada'), { workspaceId: w.ids.workspace, userId: w.ids.bob })
  await bob.until(() => !bob.last.has(w.ids.workspace) && !bob.last.has(w.ids.general))
  bob.drop()
  await say(w, w.ids.general)
  await bob.until(() => bob.ready?.resumed === true)
  assert.deepEqual(
    bob.ready?.streams.map((stream) => stream.id),
    [w.ids.bob],
  )
  assert.equal(bob.state.messagesOf(w.ids.general).length, 0)
  assert.equal((await bob.request('page', { stream: w.ids.general, after: 0 })).err?.code, 'conversation_not_found')
  assert.equal((await bob.request('page', { stream: w.ids.workspace, after: 0 })).err?.code, 'conversation_not_found')
})

test('private channels and other tenants do not exist for outsiders', async (t) => {
  const w = await realtimeWorld(t)
  await say(w, w.ids.secret)
  const bob = await enter(w, 'bob')
  const streams = (bob.frames[1]!.d.streams as unknown as { id: string }[]).map((stream) => stream.id)
  assert.ok(!streams.includes(w.ids.secret))
  for (const stream of [w.ids.secret, w.ids.otherGeneral, w.ids.otherWorkspace, w.ids.ada, crypto.randomUUID()]) {
    for (const [op, d] of [
      ['sub', { stream }],
      ['sub', { stream, after: 0 }],
      ['page', { stream, after: 0 }],
      ['send', { conversation: stream, body: 'hi' }],
      ['read', { conversation: stream }],
      ['typing', { conversation: stream }],
    ] as const) {
      assert.equal((await ask(bob, op, d)).err?.code, 'conversation_not_found', `${op} ${JSON.stringify(d)}`)
    }
  }
  await say(w, w.ids.secret)
  await settle(w)
  assert.deepEqual(await heard(bob, w.ids.secret), [])
})

test('a public channel can be followed without joining it, until it becomes private', async (t) => {
  const w = await realtimeWorld(t)
  const cy = await enter(w, 'cy')
  assert.equal((await ask(cy, 'sub', { stream: w.ids.general })).ok, true)
  await say(w, w.ids.general)
  await updateChannel(w.as('ada'), { conversationId: w.ids.general, isPrivate: true })
  await say(w, w.ids.general, 'between us')
  await settle(w)
  assert.deepEqual(
    (await heard(cy, w.ids.general)).filter((type) => type === 'message.created'),
    ['message.created'],
  )
  assert.equal((await ask(cy, 'sub', { stream: w.ids.general })).err?.code, 'conversation_not_found')
  const bob = await enter(w, 'bob')
  await say(w, w.ids.general, 'bob is in it')
  await bob.event('message.created')
})

test('guests hear only of the conversations they are in; becoming one takes the rest away', async (t) => {
  const w = await realtimeWorld(t)
  const gus = await enter(w, 'gus')
  assert.equal((await ask(gus, 'sub', { stream: w.ids.general })).err?.code, 'conversation_not_found')
  const cy = await enter(w, 'cy')
  await ask(cy, 'sub', { stream: w.ids.general })
  await updateMember(w.as('ada'), { workspaceId: w.ids.workspace, userId: w.ids.cy, role: 'guest' })
  await say(w, w.ids.general)
  await updateMember(w.as('ada'), { workspaceId: w.ids.workspace, userId: w.ids.bob, role: 'admin' })
  await settle(w)
  assert.deepEqual(await heard(cy, w.ids.workspace), ['member.updated'])
  assert.deepEqual(await heard(cy, w.ids.general), [])
  assert.deepEqual(await heard(gus, w.ids.workspace), [])

  await updateMember(w.as('ada'), { workspaceId: w.ids.workspace, userId: w.ids.gus, role: 'member' })
  await updateMember(w.as('ada'), { workspaceId: w.ids.workspace, userId: w.ids.bob, role: 'member' })
  await settle(w)
  assert.deepEqual(await heard(gus, w.ids.workspace), ['member.updated', 'member.updated'])
})

test('a deleted channel and a deleted workspace end with the event that says so', async (t) => {
  const w = await realtimeWorld(t)
  const bob = await enter(w, 'bob')
  const gus = await enter(w, 'gus')
  await deleteChannel(w.as('ada'), { conversationId: w.ids.secret })
  await settle(w)
  assert.ok((await heard(gus, w.ids.secret)).includes('conversation.deleted'))
  await deleteWorkspace(w.as('ada'), { workspaceId: w.ids.workspace })
  await settle(w)
  assert.equal((await heard(bob, w.ids.workspace)).at(-1), 'workspace.deleted')
  assert.equal((await ask(bob, 'page', { stream: w.ids.workspace, after: 0 })).ok, false)
})

test('a session that expires without a word closes its sockets too', async (t) => {
  const w = await realtimeWorld(t, { sessionCheckMs: 10, beatMs: 40 })
  const bob = await enter(w, 'bob')
  const ada = await enter(w, 'ada')
  const expiresAt = '2026-01-01T00:00:00.000Z'
  await w.runtime.core.database.kysely.updateTable('sessions').set({ expiresAt }).where('id', '=', w.ids.bob).execute()
  assert.equal(await bob.ended, 4401)
  await ask(ada, 'beat', {})
})

test('a session that ends closes its sockets and no others', async (t) => {
  const w = await realtimeWorld(t)
  const bob = await enter(w, 'bob')
  const ada = await enter(w, 'ada')
  const startedAt = performance.now()
  await revokeSession(w.as('bob'))
  assert.equal(await bob.ended, 4401)
  assert.ok(performance.now() - startedAt < 1_000)
  await ask(ada, 'beat', {})
  const again = w.socket('/v1/ws/connect', { authorization: 'Bearer bob' })
  assert.equal(await again.ended, 4401, 'the token is still accepted by this test, the session is not')
  assert.ok(!again.frames.some((frame) => frame.op === 'ready'))
})

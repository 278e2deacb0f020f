import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { deleteContactConversation } from '../core/contact-conversations/delete-contact-conversation.ts'
import type { ContactConversation } from '../core/contact-conversations/schema.ts'
import { updateContactConversation } from '../core/contact-conversations/update-contact-conversation.ts'
import { addTag } from '../core/contacts/add-tag.ts'
import { sendMessage } from '../core/messages/send-message.ts'
import { revokeSession } from '../core/sessions/revoke-session.ts'
import { deleteWorkspace } from '../core/workspaces/delete-workspace.ts'
import { removeMember } from '../core/workspaces/remove-member.ts'
import { updateMember } from '../core/workspaces/update-member.ts'
import { type AnyFrame, type RawSocket, type RealtimeWorld, realtimeWorld } from '../testing/realtime-world.ts'
import { createTimelines, type Timelines } from '../testing/timelines.ts'
import type { RealtimeLimits } from './limits.ts'

type World = RealtimeWorld & Timelines & { workspaceId: string }
type Who = 'ada' | 'bob' | 'cy' | 'gus' | 'eve' | 'mallory'

async function inboxWorld(t: TestContext, limits: Partial<RealtimeLimits> = {}): Promise<World> {
  const world = await realtimeWorld(t, limits)
  return { ...world, ...createTimelines(world.runtime.core), workspaceId: world.ids.workspace }
}

function open({ socket, workspaceId }: World, who: string, query = ''): RawSocket {
  return socket(`/ws/conversations?workspaceId=${workspaceId}${query}`, { authorization: `Bearer ${who}` })
}

const isCalled = (type: string) => (frame: AnyFrame) => frame.type === type

async function enter(w: World, who: Who, { query = '', subscribe = {} }: { query?: string; subscribe?: object } = {}) {
  const raw = open(w, who, query)
  const ready = await raw.frame(isCalled('ready'))
  await raw.send({ action: 'subscribe', ...subscribe })
  await raw.frame(isCalled('subscribed'))
  return { raw, ready: ready.data as { cursor: string; resumed: boolean; workspaceId: string } }
}

type Heard = { type: string; id: string; text: string; cursor: string | undefined }
const KINDS = new Set(['new_message', 'message_status', 'conversation_update', 'conversation_deleted'])

function heard({ frames }: RawSocket): Heard[] {
  return frames
    .filter(({ type = '' }) => KINDS.has(type))
    .map(({ type = '', data, cursor }) => {
      const { id, fullName, message, status } = data as Record<string, string>
      return { type, id: id!, text: fullName ?? [message, status].filter(Boolean).join(': '), cursor }
    })
}

const shown = (raw: RawSocket) => heard(raw).map(({ type, text }) => `${type} ${text}`)

/** Resolves when a star that is set now was heard of: it is the last of all that was done before. */
async function settle(w: World, conversation: ContactConversation, sockets: RawSocket[]) {
  const { id: conversationId, workspaceId } = conversation.conversation
  const kept = Math.floor(Math.random() * 1_000_000) + 1
  await updateContactConversation(w.as('ada'), { conversationId, workspaceId, unreadCount: kept })
  const isLast = ({ data }: AnyFrame) => data?.unreadCount === kept
  for (const raw of sockets) await raw.frame((frame) => frame.type === 'conversation_update' && isLast(frame))
}

test('all of the team hear of the first message of somebody unknown, and nobody else', async (t) => {
  const w = await inboxWorld(t)
  const sockets = [(await enter(w, 'ada')).raw, (await enter(w, 'bob')).raw]
  const elsewhere = w.socket(`/ws/conversations?workspaceId=${w.ids.otherWorkspace}`, {
    authorization: 'Bearer mallory',
  })
  await elsewhere.send({ action: 'subscribe' })
  await elsewhere.frame(isCalled('subscribed'))
  const carol = await w.meet({ workspaceId: w.workspaceId, name: 'Carol', phone: '+14155550101' })
  const message = await w.hear(carol, 'hello')
  await sendMessage(w.as('ada'), { conversationId: w.ids.general, body: 'among us' })
  await settle(w, carol, sockets)
  for (const raw of sockets) {
    assert.deepEqual(shown(raw), [
      'conversation_update Carol',
      'new_message hello',
      'conversation_update Carol',
      'conversation_update Carol',
    ])
    const { data } = await raw.frame(isCalled('new_message'))
    const { id: conversationId } = carol.conversation
    const { id, createdAt: timestamp } = message
    const expected = { id, conversationId, sender: 'Carol', senderType: 'contact', message: 'hello', timestamp }
    assert.deepEqual(data, { ...expected, channel: 'SMS' })
    const updates = raw.frames.filter(isCalled('conversation_update'))
    const { unreadCount, lastMessage } = updates[1]!.data as { unreadCount: number; lastMessage: { id: string } }
    assert.deepEqual([unreadCount, lastMessage.id], [1, message.id])
  }
  await elsewhere.send({ action: 'ping' })
  await elsewhere.frame(isCalled('pong'))
  assert.deepEqual(heard(elsewhere), [])
})

test('statuses, stars, changes of the contact and the end of a conversation are told as they happen', async (t) => {
  const w = await inboxWorld(t)
  const carol = await w.meet({ workspaceId: w.workspaceId, name: 'Carol' })
  const { raw } = await enter(w, 'bob')
  const { id: conversationId, workspaceId } = carol.conversation
  const ours = await w.tell(carol, { body: 'dear Carol', authorId: w.ids.ada })
  await w.report(ours, { status: 'sent', source: 'report', carrierId: 'SM1', carrierStatus: 'sent' })
  await w.report(ours, { status: 'delivered', source: 'report', carrierStatus: 'delivered' })
  await updateContactConversation(w.as('cy'), { conversationId, workspaceId, isStarred: true })
  await addTag(w.as('cy'), { workspaceId, contactId: carol.contactId, tag: 'vip' })
  // What is shown is read when it is told: of a conversation that is gone there is nothing left to show.
  await raw.frame((frame) => isCalled('conversation_update')(frame) && frame.data?.isStarred === true)
  await deleteContactConversation(w.as('cy'), { conversationId, workspaceId })
  await raw.frame(isCalled('conversation_deleted'))
  const statuses = heard(raw).filter(({ type }) => type.endsWith('message') || type.endsWith('status'))
  assert.deepEqual(
    statuses.map(({ id, text }) => [id, text]),
    [
      [ours.id, 'dear Carol: queued'],
      [ours.id, 'dear Carol: sent'],
      [ours.id, 'dear Carol: delivered'],
    ],
  )
  const updates = raw.frames.filter(isCalled('conversation_update')).map(({ data }) => data)
  assert.ok(updates.some((data) => data?.isStarred === true))
  assert.deepEqual(heard(raw).at(-1), { ...heard(raw).at(-1)!, type: 'conversation_deleted', id: conversationId })
})

test('nothing comes before somebody subscribes, and then all that happened since the beginning', async (t) => {
  const w = await inboxWorld(t)
  const carol = await w.meet({ workspaceId: w.workspaceId, name: 'Carol' })
  const raw = open(w, 'bob')
  await raw.frame(isCalled('ready'))
  await w.hear(carol, 'first')
  await raw.send({ action: 'ping', id: 7 })
  await raw.frame(isCalled('pong'))
  assert.deepEqual(heard(raw), [])
  await raw.send({ action: 'subscribe' })
  await settle(w, carol, [raw])
  assert.equal(shown(raw)[0], 'new_message first')
  await raw.send({ action: 'unsubscribe' })
  await raw.frame(isCalled('unsubscribed'))
  const before = heard(raw).length
  await w.hear(carol, 'second')
  await raw.send({ action: 'subscribe', id: 9 })
  await settle(w, carol, [raw])
  assert.ok(!shown(raw).slice(before).includes('new_message second'))
})

test('some conversations are subscribed to by their ids, and only those are heard of', async (t) => {
  const w = await inboxWorld(t, { subscriptionsMax: 2 })
  const { workspaceId } = w
  const [carol, dan] = [await w.meet({ workspaceId, name: 'Carol' }), await w.meet({ workspaceId, name: 'Dan' })]
  const erin = await w.meet({ workspaceId, name: 'Erin' })
  const foreign = await w.meet({ workspaceId: w.ids.otherWorkspace, name: 'Foreign' })
  const { raw } = await enter(w, 'bob', { subscribe: { conversationId: carol.conversation.id } })
  const refuse = async (frame: object, code: string, id: number) => {
    await raw.send({ ...frame, id })
    const { data } = await raw.frame((answer) => (answer as { id?: number }).id === id)
    assert.equal(data?.code, code, JSON.stringify(frame))
  }
  for (const [i, conversationId] of [foreign.conversation.id, w.ids.general, crypto.randomUUID()].entries()) {
    await refuse({ action: 'subscribe', conversationId }, 'conversation_not_found', i)
  }
  await refuse({ action: 'subscribe', conversationId: 'carol' }, 'invalid_request', 10)
  await refuse({ action: 'shout' }, 'invalid_request', 11)
  await raw.send({ action: 'subscribe', conversationId: dan.conversation.id })
  await refuse({ action: 'subscribe', conversationId: erin.conversation.id }, 'too_many_subscriptions', 12)
  for (const one of [erin, foreign, dan, carol]) await w.hear(one, `from ${one.contactId}`)
  await addTag(w.as('cy'), { workspaceId, contactId: dan.contactId, tag: 'vip' })
  await settle(w, carol, [raw])
  assert.deepEqual(
    heard(raw).flatMap(({ type, text }) => (type === 'new_message' ? [text] : [])),
    [`from ${dan.contactId}`, `from ${carol.contactId}`],
  )
  assert.equal(shown(raw).filter((one) => one === 'conversation_update Dan').length, 2)
})

test('guests, strangers, and whoever is not signed in are refused', async (t) => {
  const w = await inboxWorld(t)
  for (const [who, code] of [
    ['gus', 4403],
    ['eve', 4403],
    ['mallory', 4403],
    ['nobody', 4401],
  ] as const) {
    const raw = open(w, who)
    assert.equal(await raw.ended, code, who)
    assert.ok(!raw.frames.some(isCalled('ready')))
  }
  const wrong = w.socket('/ws/conversations', { authorization: 'Bearer ada', 'x-workspace-id': 'acme' })
  assert.equal(await wrong.ended, 4400)
  const byTicket = w.socket(`/ws/conversations?ticket=ticket-ada&workspaceId=${w.workspaceId}`)
  await byTicket.frame(isCalled('ready'))
  const later = w.socket('/ws/conversations')
  await later.send({ action: 'auth', token: 'bob' })
  const { data } = await later.frame(isCalled('ready'))
  assert.equal(data?.workspaceId, w.workspaceId, 'the default one')
})

test('whoever leaves the team, becomes a guest or signs out hears no more, at once and on resume', async (t) => {
  const w = await inboxWorld(t)
  const { workspaceId } = w
  const carol = await w.meet({ workspaceId, name: 'Carol' })
  const sockets = { bob: await enter(w, 'bob'), cy: await enter(w, 'cy'), ada: await enter(w, 'ada') }
  await removeMember(w.as('ada'), { workspaceId, userId: w.ids.bob })
  assert.equal(await sockets.bob.raw.ended, 4403)
  await updateMember(w.as('ada'), { workspaceId, userId: w.ids.cy, role: 'guest' })
  assert.equal(await sockets.cy.raw.ended, 4403)
  await w.hear(carol, 'not for you')
  for (const who of ['bob', 'cy'] as const) {
    assert.deepEqual(heard(sockets[who].raw), [])
    assert.equal(await open(w, who, `&cursor=${sockets[who].ready.cursor}`).ended, 4403)
  }
  await updateMember(w.as('ada'), { workspaceId, userId: w.ids.cy, role: 'member' })
  const again = await enter(w, 'cy')
  await deleteWorkspace(w.as('ada'), { workspaceId })
  assert.equal(await again.raw.ended, 4403)
  assert.equal(await sockets.ada.raw.ended, 4403)
  const other = w.socket('/ws/conversations', { authorization: 'Bearer mallory' })
  await other.frame(isCalled('ready'))
  await revokeSession(w.as('mallory'))
  assert.equal(await other.ended, 4401)
})

test('connections of rt.v1 and of team-chat hear nothing of it', async (t) => {
  const w = await inboxWorld(t)
  const rt = w.client('bob')
  const ready = await rt.connect()
  assert.ok(ready.streams.every(({ kind }) => (kind as string) !== 'timelines'))
  const chat = w.socket('/ws', { authorization: 'Bearer bob' })
  await chat.frame((frame) => frame.event === 'READY')
  const { raw } = await enter(w, 'bob')
  const carol = await w.meet({ workspaceId: w.workspaceId, name: 'Carol' })
  await w.hear(carol, 'hello')
  await settle(w, carol, [raw])
  const { message } = await sendMessage(w.as('ada'), { conversationId: w.ids.general, body: 'hi' })
  await rt.untilCaughtUp([[w.ids.general, message.seq]])
  await chat.frame((frame) => frame.event === 'NEW_MESSAGE')
  assert.deepEqual(rt.state.applied, [`${w.ids.general} ${message.seq}`])
  assert.deepEqual(
    chat.frames.flatMap(({ event }) => (event === 'PRESENCE' ? [] : [event])),
    ['HELLO', 'READY', 'NEW_MESSAGE'],
  )
})

/** All that the team can hear of, mixed with what it cannot. */
async function live(w: World, people: ContactConversation[], steps: number) {
  for (let i = 0; i < steps; i++) {
    const person = people[i % people.length]!
    const { id: conversationId, workspaceId } = person.conversation
    await w.hear(person, `heard ${i}`)
    await sendMessage(w.as('ada'), { conversationId: w.ids.general, body: `among us ${i}` })
    const ours = await w.tell(person, { body: `told ${i}`, authorId: w.ids.ada })
    await w.report(ours, { status: 'sent', source: 'report', carrierStatus: 'sent' })
    await updateContactConversation(w.as('cy'), { conversationId, workspaceId, isStarred: i % 4 < 2 })
    await addTag(w.as('cy'), { workspaceId, contactId: person.contactId, tag: `tag ${i}` })
  }
}

for (const [where, limits] of [
  ['memory', {}],
  ['the database', { recentEventsMax: 3 }],
] as const) {
  test(`whoever comes back hears from ${where} exactly what others heard live`, async (t) => {
    const w = await inboxWorld(t, limits)
    const { workspaceId } = w
    const people = [await w.meet({ workspaceId, name: 'Carol' }), await w.meet({ workspaceId, name: 'Dan' })]
    const { raw } = await enter(w, 'ada')
    await live(w, people, 12)
    await settle(w, people[0]!, [raw])
    const all = heard(raw)
    assert.equal(all.length, 12 * 7 + 1, 'two messages with their conversation, a status, a star and a tag each time')
    const cursors = all.flatMap(({ cursor }, i) => (cursor === undefined ? [] : [{ cursor, rest: all.slice(i + 1) }]))
    const key = ({ type, id, cursor }: Heard) => `${type} ${id} ${cursor}`
    const other = await w.startNode()
    for (const { cursor, rest } of cursors.filter((_, i) => i % 9 === 0)) {
      for (const url of [w.wsUrl, other.wsUrl]) {
        const back = w.socketAt(url, `/ws/conversations?cursor=${cursor}`, { authorization: 'Bearer bob' })
        await back.send({ action: 'subscribe' })
        assert.equal((await back.frame(isCalled('ready'))).data?.resumed, true)
        await back.frame((frame) => frame.cursor === rest.at(-1)?.cursor)
        assert.deepEqual(heard(back).map(key), rest.map(key))
        back.close()
      }
    }
  })
}

test('a connection that is cut and comes back while much happens misses nothing', async (t) => {
  const w = await inboxWorld(t, { recentEventsMax: 20, queueBytesMax: 20_000 })
  const { workspaceId } = w
  const people = [await w.meet({ workspaceId, name: 'Carol' }), await w.meet({ workspaceId, name: 'Dan' })]
  const { raw: whole, ready } = await enter(w, 'ada')
  const happening = live(w, people, 25)
  let { cursor } = ready
  const pieces: Heard[] = []
  for (let cut = 1; cut <= 6; cut++) {
    const { raw } = await enter(w, 'bob', { query: `&cursor=${cursor}` })
    await raw.frame((frame) => frame.cursor !== undefined)
    raw.close()
    const got = heard(raw)
    const last = got.findLastIndex((one) => one.cursor !== undefined)
    pieces.push(...got.slice(0, last + 1))
    cursor = got[last]!.cursor!
  }
  await happening
  const { raw: end } = await enter(w, 'bob', { query: `&cursor=${cursor}` })
  await settle(w, people[1]!, [whole, end])
  const key = ({ type, id, cursor }: Heard) => `${type} ${id} ${cursor}`
  assert.deepEqual([...pieces, ...heard(end)].map(key), heard(whole).map(key))
})

test('too much to replay, and a cursor of another log, are said to be so', async (t) => {
  const w = await inboxWorld(t, { replayEventsMax: 10 })
  const carol = await w.meet({ workspaceId: w.workspaceId, name: 'Carol' })
  const { raw, ready } = await enter(w, 'ada')
  for (let i = 0; i < 12; i++) await w.hear(carol, `${i}`)
  await settle(w, carol, [raw])
  for (const cursor of [ready.cursor, 'nonsense']) {
    const back = await enter(w, 'bob', { query: `&cursor=${cursor}` })
    assert.equal(back.ready.resumed, false)
    await w.hear(carol, `after ${cursor}`)
    await back.raw.frame(isCalled('new_message'))
    assert.equal(shown(back.raw)[0], `new_message after ${cursor}`)
  }
})

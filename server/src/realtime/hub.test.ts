import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent, NewEvent } from '../core/log/events.ts'
import { silentLogger } from '../platform/log.ts'
import { createCursors } from './cursor.ts'
import { type Follower, type Following, Hub, type Stream } from './hub.ts'
import { REALTIME_LIMITS } from './limits.ts'
import type { StreamRef } from './membership-effects.ts'
import { timelinesOf } from './timelines.ts'

const AT = '2026-01-31T09:30:00.000Z'
const MEMBER: Following = { isMember: true, isSubscriber: false, since: 0 }
const SUBSCRIBER: Following = { isMember: false, isSubscriber: true, since: 0 }
const channel = (id: string): StreamRef => ({ id, kind: 'conversation', workspaceId: 'acme' })

/** A hub that has handed over everything up to position 10. */
function openHub(limits: Partial<typeof REALTIME_LIMITS> = {}) {
  const cursors = createCursors('secret')
  const hub = new Hub({ position: 10, cursors, limits: { ...REALTIME_LIMITS, ...limits }, log: silentLogger })
  let position = 10
  const publish = (...events: NewEvent[]) => {
    hub.publish(events.map((event): LoggedEvent => ({ ...event, position: ++position, seq: position, createdAt: AT })))
  }
  return { hub, publish }
}

function createFollower(userId: string) {
  const heard: string[] = []
  const follower: Follower & { heard: string[] } = {
    heard,
    userId,
    sessionId: `session of ${userId}`,
    streams: new Map<string, Stream>(),
    deliver: ({ event }) => heard.push(event.type),
    pass: () => {},
    close: ({ code }) => heard.push(`closed ${code}`),
  }
  return follower
}

const left = (userId: string, conversationId: string): NewEvent => ({
  type: 'conversation.left',
  streamId: userId,
  workspaceId: 'acme',
  data: { conversationId },
})

const joined = (userId: string, id: string): NewEvent => ({
  type: 'conversation.joined',
  streamId: userId,
  workspaceId: 'acme',
  data: {
    conversation: {
      ...{ id, workspaceId: 'acme', kind: 'channel', name: id, description: null, isPrivate: false },
      ...{ isGeneral: false, createdBy: null, createdAt: AT, updatedAt: AT, deletedAt: null },
    },
    participant: { conversationId: id, userId, joinedAt: AT },
  },
})

const hidden = (conversationId: string): NewEvent => ({
  type: 'conversation.hidden',
  streamId: 'acme',
  workspaceId: 'acme',
  data: { conversationId },
})

test('what was taken or given between the snapshot and now holds for who attaches', () => {
  const { hub, publish } = openHub()
  publish(left('ada', 'general'), joined('ada', 'random'), hidden('open'))
  const ada = createFollower('ada')
  const own: [StreamRef, Following] = [{ id: 'ada', kind: 'user', workspaceId: null }, MEMBER]
  const streams: [StreamRef, Following][] = [own, [channel('general'), MEMBER], [channel('open'), SUBSCRIBER]]
  assert.equal(hub.attach(ada, { streams, position: 10 }), true)
  assert.deepEqual([...ada.streams.keys()], ['ada', 'random'])
  assert.equal(hub.following(ada, 'random')?.since, 12, 'what was said before they joined is not for them')
})

test('who attaches with a snapshot that is too old must read another', () => {
  const { hub, publish } = openHub({ recentEventsMax: 1 })
  publish(left('ada', 'general'), hidden('open'))
  assert.equal(hub.attach(createFollower('ada'), { streams: [], position: 10 }), false)
  assert.equal(hub.attach(createFollower('ada'), { streams: [], position: 11 }), true)
})

test('a session that ended since the snapshot is closed as it attaches', () => {
  const { hub, publish } = openHub()
  publish({
    type: 'session.revoked',
    streamId: 'ada',
    workspaceId: null,
    data: { sessionId: 'session of ada' },
  })
  const ada = createFollower('ada')
  hub.attach(ada, { streams: [], position: 10 })
  assert.deepEqual(ada.heard, ['closed 4401'])
})

test('what concerns one person changes nothing for others, nor for their other sessions', () => {
  const { hub, publish } = openHub()
  const followers = [createFollower('ada'), createFollower('ada'), createFollower('bob')]
  for (const follower of followers) hub.attach(follower, { streams: [[channel('general'), MEMBER]], position: 10 })
  publish(left('bob', 'general'))
  assert.deepEqual(
    followers.map((follower) => follower.streams.has('general')),
    [true, true, false],
  )
  hub.detach(followers[0]!)
  publish(left('ada', 'general'))
  assert.equal(followers[1]!.streams.has('general'), false)
})

const starred = (id: string, workspaceId: string): NewEvent => ({
  type: 'contact_conversation.updated',
  streamId: id,
  workspaceId,
  data: { state: { conversationId: id, contactId: 'carol', isStarred: true, readOrdinal: 0, keptUnread: 0 } },
})

const demoted = (userId: string): NewEvent => ({
  type: 'member.updated',
  streamId: 'acme',
  workspaceId: 'acme',
  data: { member: { workspaceId: 'acme', userId, role: 'guest', joinedAt: AT, updatedAt: AT } },
})

test('timelines are followed all at once, until they are taken away: then the connection ends', () => {
  const { hub, publish } = openHub()
  const timelines: [StreamRef, Following][] = [[timelinesOf('acme'), MEMBER]]
  const [ada, bob] = [createFollower('ada'), createFollower('bob')]
  for (const follower of [ada, bob]) hub.attach(follower, { streams: timelines, position: 10 })
  publish(starred('carol’s', 'acme'), starred('of another workspace', 'mallet'), hidden('general'))
  assert.deepEqual(ada.heard, ['contact_conversation.updated'])
  publish(demoted('bob'), starred('carol’s', 'acme'))
  assert.deepEqual(bob.heard, ['contact_conversation.updated', 'closed 4403'])
  assert.deepEqual(ada.heard, ['contact_conversation.updated', 'contact_conversation.updated'])
  const late = createFollower('bob')
  hub.attach(late, { streams: timelines, position: 10 })
  assert.deepEqual(late.heard, ['closed 4403'], 'what was taken between the snapshot and now is taken here too')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent } from '../core/log/events.ts'
import { silentLogger } from '../platform/log.ts'
import { createCursors } from './cursor.ts'
import { RecentEvents } from './recent-events.ts'
import { RoutedEvent } from './wire.ts'

function routed(position: number): RoutedEvent {
  const event: LoggedEvent = {
    type: 'conversation.hidden',
    streamId: 's',
    workspaceId: null,
    data: { conversationId: 'c' },
    position,
    seq: position,
    createdAt: '2026-01-31T09:30:00.000Z',
  }
  return new RoutedEvent(event, { cursors: createCursors('secret'), log: silentLogger })
}

const positions = (events: RoutedEvent[] | undefined) => events?.map(({ event }) => event.position)

test('it answers for what it holds, and says where it does not reach back', () => {
  const recent = new RecentEvents({ position: 10, eventsMax: 3, bytesMax: 1e9 })
  assert.deepEqual(positions(recent.after(10)), [])
  assert.equal(recent.after(9), undefined)
  for (const position of [11, 12, 15, 20]) recent.push(routed(position))
  assert.equal(recent.after(10), undefined, 'position 11 is forgotten')
  assert.deepEqual(positions(recent.after(11)), [12, 15, 20])
  assert.deepEqual(positions(recent.after(13)), [15, 20], 'holes are no events')
  assert.deepEqual(positions(recent.after(11, 2)), [12, 15])
  assert.deepEqual(positions(recent.between(12, 19)), [15])
  assert.equal(recent.between(12, 21), undefined, 'position 21 has not come yet')
  assert.equal(recent.at(15)?.event.position, 15)
  assert.equal(recent.at(16), undefined)
})

test('it stays within its bounds over many events', () => {
  const recent = new RecentEvents({ position: 0, eventsMax: 100, bytesMax: 1e9 })
  for (let position = 1; position <= 10_000; position++) recent.push(routed(position))
  assert.equal(recent.after(9_899), undefined)
  assert.equal(recent.after(9_900)?.length, 100)
})

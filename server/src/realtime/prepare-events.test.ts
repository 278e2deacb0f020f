import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent } from '../core/log/events.ts'
import { silentLogger } from '../platform/log.ts'
import { createCursors } from './cursor.ts'
import { encodeTextFrames } from './frame.ts'
import { prepareEvents } from './prepare-events.ts'
import type { Render } from './protocol.ts'
import { rtV1 } from './skins/rt-v1.ts'
import { RoutedEvent, type Wire } from './wire.ts'

const options = { cursors: createCursors('secret'), log: silentLogger }

function route(position: number): RoutedEvent {
  const data = { conversationId: 'c', readOrdinal: position }
  const at = { position, seq: position, createdAt: '2026-01-31T09:30:00.000Z' }
  const event: LoggedEvent = { type: 'conversation.read', streamId: 's', workspaceId: null, data, ...at }
  return new RoutedEvent(event, options)
}

function createWire(prepare: (events: LoggedEvent[]) => Promise<Render[]>): Wire {
  return { index: 0, skin: { ...rtV1, prepare }, encode: encodeTextFrames }
}

test('what several connections wait for is read once, and what has been read is read no more', async () => {
  const read: number[][] = []
  const wire = createWire(async (events) => {
    read.push(events.map(({ position }) => position))
    return events.map(({ position }) => () => [`frame ${position}`])
  })
  const [one, two, three] = [route(1), route(2), route(3)] as const
  await Promise.all([prepareEvents([one, two], wire), prepareEvents([one, two, three], wire)])
  await prepareEvents([one, two, three], wire)
  assert.deepEqual(read, [[1, 2], [3]])
  assert.equal(three.encoded(wire)?.toString().slice(2), 'frame 3')
})

test('a reading that fails is tried again by whoever comes next', async () => {
  let tries = 0
  const wire = createWire(async (events) => {
    if (++tries === 1) throw new Error('the database is away')
    return events.map(() => () => ['frame'])
  })
  const one = route(1)
  const first = await Promise.allSettled([prepareEvents([one], wire), prepareEvents([one], wire)])
  assert.deepEqual(
    first.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  await prepareEvents([one], wire)
  assert.equal(one.isReady(wire), true)
})

test('one event that cannot be shown does not keep the others back', async () => {
  const wire = createWire(async (events) =>
    events.map(({ position }) => () => {
      if (position === 1) throw new Error('no words for it')
      return ['frame']
    }),
  )
  const [one, two] = [route(1), route(2)] as const
  await prepareEvents([one, two], wire)
  assert.deepEqual([one.encoded(wire), two.encoded(wire)?.length], [null, 7])
})

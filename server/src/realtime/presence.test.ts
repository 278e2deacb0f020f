import assert from 'node:assert/strict'
import { test } from 'node:test'
import { realtimeWorld } from '../testing/realtime-world.ts'
import { Presence } from './presence.ts'
import type { Passing } from './protocol.ts'

const ready = (frame: { op?: string }) => frame.op === 'ready'

test('others of the workspace see who comes and who goes', async (t) => {
  const { gateway, ids, socket } = await realtimeWorld(t, { presenceGraceMs: 10, presenceGatherMs: 10 })
  const bob = socket('/v1/ws/connect?token=bob')
  await bob.frame(ready)
  assert.equal(gateway.presence.isOnline(ids.ada), false)
  const ada = [socket('/v1/ws/connect?token=ada'), socket('/v1/ws/connect?token=ada')]
  for (const raw of ada) await raw.frame(ready)
  const online = await bob.frame((frame) => frame.t === 'presence')
  assert.deepEqual(online, { op: 'eph', t: 'presence', s: ids.workspace, d: { user: ids.ada, status: 'online' } })
  assert.equal(gateway.presence.isOnline(ids.ada), true)
  for (const raw of ada) raw.close()
  await bob.frame((frame) => frame.t === 'presence' && String(frame.d.status) === 'offline')
  assert.equal(gateway.presence.isOnline(ids.ada), false)
  assert.equal(bob.frames.filter((frame) => frame.t === 'presence').length, 2, 'two devices are one person')
})

function createPresence(graceMs: number) {
  const told: string[] = []
  const announce = (passing: Passing) => {
    if (passing.type === 'presence') told.push(`${passing.streamId} ${passing.userId} ${passing.status}`)
  }
  return { told, presence: new Presence({ graceMs, gatherMs: 100, now: () => '2026-05-01T10:00:00.000Z', announce }) }
}

const NOTHING_CHOSEN = { status: null, statusExpiresAt: null }

test('a reload is not seen by anybody', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { told, presence } = createPresence(5_000)
  presence.opened('ada', NOTHING_CHOSEN, ['w'])
  presence.closed('ada', ['w'])
  t.mock.timers.tick(4_999)
  assert.equal(presence.isOnline('ada'), true)
  presence.opened('ada', NOTHING_CHOSEN, ['w'])
  t.mock.timers.tick(10_000)
  assert.deepEqual(told, ['w ada online'])
  presence.closed('ada', ['w', 'v'])
  t.mock.timers.tick(5_000)
  t.mock.timers.tick(100)
  assert.deepEqual(told, ['w ada online', 'w ada offline', 'v ada offline'])
})

test('a chosen status wins over connections while it lasts', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { told, presence } = createPresence(10)
  presence.opened('busy', { status: 'busy', statusExpiresAt: null }, ['w'])
  presence.opened('later', { status: 'busy', statusExpiresAt: '2026-05-01T10:00:01.000Z' }, ['w'])
  presence.opened('over', { status: 'busy', statusExpiresAt: '2026-05-01T09:59:59.000Z' }, ['w'])
  t.mock.timers.tick(100)
  assert.deepEqual(told, ['w over online'])
})

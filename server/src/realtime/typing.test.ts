import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContactPresence } from './contact-presence.ts'
import type { ContactPassing } from './protocol.ts'
import { Typing } from './typing.ts'

const NOW = '2026-05-01T10:00:00.000Z'
const carol = { id: 'c', name: 'carol' }

function listen() {
  const told: string[] = []
  const announce = ({ type, streamId, contact }: ContactPassing) => {
    told.push(`${streamId} ${contact.name} ${type.slice('contact.'.length)}`)
  }
  return { told, announce, now: () => NOW }
}

function createTyping() {
  const { told, ...options } = listen()
  const clock = { nowMs: 0 }
  return { told, clock, typing: new Typing({ ttlMs: 6_000, everyMs: 1_000, nowMs: () => clock.nowMs, ...options }) }
}

test('typing holds while it is said again, is told once a second, and ends by itself', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { told, clock, typing } = createTyping()
  const by = {}
  const say = (nowMs: number) => {
    t.mock.timers.tick(nowMs - clock.nowMs)
    clock.nowMs = nowMs
    typing.start(carol, { streamId: 's', by })
  }
  for (const nowMs of [0, 300, 999, 1_000, 1_500, 6_900]) say(nowMs)
  assert.deepEqual(told, ['s carol typing', 's carol typing', 's carol typing'])
  t.mock.timers.tick(5_999)
  assert.equal(told.length, 3)
  t.mock.timers.tick(1)
  assert.equal(told.at(-1), 's carol silent')
})

test('typing on two devices ends with the one that said so last', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { told, typing } = createTyping()
  const [phone, desk] = [{}, {}]
  typing.start(carol, { streamId: 's', by: phone })
  typing.start(carol, { streamId: 's', by: desk })
  typing.stopAll(phone)
  assert.deepEqual(told, ['s carol typing'])
  typing.stopAll(desk)
  assert.deepEqual(told, ['s carol typing', 's carol silent'])
  typing.close()
})

test('a second leaving has a grace of its own', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { told, ...options } = listen()
  const presence = new ContactPresence({ graceMs: 5_000, ...options })
  presence.enter(carol, 's')
  presence.leave('c', ['s'])
  t.mock.timers.tick(3_000)
  presence.enter(carol, 's')
  presence.rename({ id: 'c', name: 'Carol' }, ['s', 'elsewhere'])
  presence.leave('c', ['s'])
  t.mock.timers.tick(4_999)
  assert.equal(presence.othersIn('s', 'somebody').length, 1)
  assert.deepEqual(told, ['s carol online'])
  t.mock.timers.tick(1)
  assert.deepEqual(told, ['s carol online', 's Carol offline'])
  assert.equal(presence.othersIn('s', 'somebody').length, 0)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent } from '../log/events.ts'
import { type LivingSession, SessionCache } from './session-cache.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const ADAS: LivingSession = { userId: 'ada', expiresAt: '2026-03-02T12:00:00.000Z' }

function revoked(sessionId: string): LoggedEvent {
  const place = { position: 1, seq: 1, createdAt: NOW, workspaceId: null }
  return { ...place, type: 'session.revoked', streamId: 'ada', data: { sessionId } }
}

function createCache(sessions: Record<string, LivingSession>, { sessionsMax = 10 } = {}) {
  const loaded: string[] = []
  const clock = { now: NOW }
  const load = async (id: string) => {
    loaded.push(id)
    return sessions[id]
  }
  return { cache: new SessionCache({ load, clock: () => clock.now, sessionsMax }), loaded, clock }
}

test('a known session is not loaded again, a missing one is not remembered', async () => {
  const sessions: Record<string, LivingSession> = { s1: ADAS }
  const { cache, loaded } = createCache(sessions)
  for (let i = 0; i < 3; i++) assert.deepEqual(await cache.find('s1'), ADAS)
  assert.equal(await cache.find('s2'), undefined)
  sessions.s2 = ADAS
  assert.deepEqual(await cache.find('s2'), ADAS)
  assert.deepEqual(loaded, ['s1', 's2', 's2'])
})

test('a revoked session is refused at once, although a load that began before still finds it', async () => {
  const reply = Promise.withResolvers<LivingSession>()
  const cache = new SessionCache({ load: () => reply.promise, clock: () => NOW, sessionsMax: 10 })
  const found = cache.find('s1')
  cache.apply([revoked('s1')])
  reply.resolve(ADAS)
  assert.equal(await found, undefined)
  assert.equal(await cache.find('s1'), undefined)
})

test('a session that seems to have expired is looked up again, since it may have been extended', async () => {
  const sessions: Record<string, LivingSession> = { s1: ADAS }
  const { cache, clock } = createCache(sessions)
  await cache.find('s1')
  clock.now = ADAS.expiresAt
  sessions.s1 = { ...ADAS, expiresAt: '2026-04-01T12:00:00.000Z' }
  assert.deepEqual(await cache.find('s1'), sessions.s1)
})

test('it remembers only so many', async () => {
  const { cache, loaded } = createCache({ s1: ADAS, s2: ADAS, s3: ADAS }, { sessionsMax: 2 })
  for (const id of ['s1', 's2', 's3', 's1']) await cache.find(id)
  assert.deepEqual(loaded, ['s1', 's2', 's3', 's1'])
})

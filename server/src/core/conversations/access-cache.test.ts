import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent } from '../log/events.ts'
import { type Access, AccessCache } from './access-cache.ts'

test('those who ask at once share a load, and later ones need none', async () => {
  const { cache, loads } = openCache()
  const asked = [cache.find('ada', 'c1'), cache.find('ada', 'C1'), cache.find('bob', 'c1')]
  assert.equal(loads.length, 2)
  for (const { finish } of loads) finish()
  const [first, second, other] = await Promise.all(asked)
  assert.equal(first, second)
  assert.notEqual(first, other)
  assert.equal(await cache.find('ada', 'c1'), first)
  assert.equal(loads.length, 2)
})

test('who asks after a change does not get what was being loaded before it', async () => {
  const { cache, loads } = openCache()
  const before = cache.find('ada', 'c1')
  cache.apply([LEFT])
  const after = cache.find('ada', 'c1')
  assert.equal(loads.length, 2)
  loads[1]!.finish()
  loads[0]!.finish()
  assert.notEqual(await before, await after)
  assert.equal(await cache.find('ada', 'c1'), await after)
  assert.equal(loads.length, 2)
})

test('a load that failed is tried again by the next who asks', async () => {
  const { cache, loads } = openCache()
  const asked = [cache.find('ada', 'c1'), cache.find('ada', 'c1')]
  loads[0]!.fail(new Error('the database is away'))
  for (const one of asked) await assert.rejects(one, /away/)
  const again = cache.find('ada', 'c1')
  loads[1]!.finish()
  assert.ok(await again)
})

const LEFT = {
  type: 'participant.left',
  data: { conversationId: 'c1', userId: 'ada' },
} as LoggedEvent

/** A cache whose loads end when the test says so. */
function openCache() {
  const loads: { finish(): void; fail(error: Error): void }[] = []
  const load = (_userId: string, id: string) =>
    new Promise<Access>((resolve, reject) => {
      const finish = () => resolve({ conversation: { id } } as Access)
      loads.push({ finish, fail: reject })
    })
  return { cache: new AccessCache({ load, conversationsMax: 10 }), loads }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent } from '../log/events.ts'
import { ClientCache, type ClientKey, type KnownClient } from './client-cache.ts'
import { createPublicKey } from './keys.ts'

function client(id: string): KnownClient {
  const mode = (isLive: boolean) => ({
    isLive,
    workspaceId: `${id}-${isLive}`,
    publicKey: createPublicKey(),
    tokens: [],
  })
  return {
    id,
    name: id,
    domain: 'acme.example',
    subdomains: null,
    networks: null,
    isRevoked: false,
    modes: [mode(true), mode(false)],
  }
}

function keysOf({ modes }: KnownClient): string[] {
  return modes.map(({ publicKey }) => publicKey)
}

function createCache(clients: KnownClient[], { clientsMax = 10 } = {}) {
  const loaded: string[] = []
  const load = async ({ by, value }: ClientKey) => {
    loaded.push(value)
    return clients.find((one) => (by === 'id' ? one.id === value : one.modes.some((mode) => mode[by] === value)))
  }
  return { cache: new ClientCache({ load, clientsMax }), loaded }
}

function updated(clientId: string): LoggedEvent {
  const place = { position: 1, seq: 1, createdAt: '2026-03-01T12:00:00.000Z', workspaceId: null }
  return { ...place, type: 'client.updated', streamId: clientId, data: { clientId } }
}

test('a client that was found in one way is known in all ways', async () => {
  const acme = client('acme')
  const { cache, loaded } = createCache([acme])
  assert.equal(await cache.findByPublicKey(keysOf(acme)[0]!), acme)
  for (const key of keysOf(acme)) assert.equal(await cache.findByPublicKey(key), acme)
  assert.equal(await cache.findById('acme'), acme)
  for (const { workspaceId } of acme.modes) assert.equal(await cache.findByWorkspace(workspaceId), acme)
  assert.equal(cache.peekByPublicKey(keysOf(acme)[1]!), acme)
  assert.equal(loaded.length, 1)
})

test('many who ask at once share one load, and what is nobody’s is asked for once', async () => {
  const acme = client('acme')
  const { cache, loaded } = createCache([acme])
  await Promise.all(Array.from({ length: 50 }, () => cache.findByPublicKey(keysOf(acme)[0]!)))
  assert.equal(loaded.length, 1)
  const unknown = createPublicKey()
  for (let i = 0; i < 3; i++) assert.equal(await cache.findByPublicKey(unknown), undefined)
  assert.equal(loaded.length, 2)
})

test('what cannot be a public key is never asked for', async () => {
  const { cache, loaded } = createCache([client('acme')])
  for (const text of ['', 'id acme', 'pk_short', `pk_${'x'.repeat(10_000)}`]) {
    assert.equal(await cache.findByPublicKey(text), undefined)
    assert.equal(cache.isFamiliar(text), true)
  }
  assert.deepEqual(loaded, [])
})

test('an update makes it read the client anew', async () => {
  const acme = client('acme')
  const { cache, loaded } = createCache([acme])
  await cache.findById('acme')
  cache.apply([updated('acme')])
  assert.equal(cache.peekByPublicKey(keysOf(acme)[0]!), undefined)
  await cache.findById('acme')
  assert.equal(loaded.length, 2)
})

test('a load that was under way when the client changed is not kept', async () => {
  const reply = Promise.withResolvers<KnownClient>()
  const replies = [reply.promise, Promise.resolve({ ...client('acme'), isRevoked: true })]
  const cache = new ClientCache({ load: () => replies.shift()!, clientsMax: 10 })
  const first = cache.findById('acme')
  cache.apply([updated('acme')])
  const second = cache.findById('acme')
  reply.resolve(client('acme'))
  assert.equal((await first)?.isRevoked, false)
  assert.equal((await second)?.isRevoked, true)
  assert.equal((await cache.findById('acme'))?.isRevoked, true)
})

test('it remembers only so many clients and so many unknown keys', async () => {
  const clients = ['a', 'b', 'c'].map(client)
  const { cache, loaded } = createCache(clients, { clientsMax: 2 })
  for (const one of clients) await cache.findByPublicKey(keysOf(one)[0]!)
  assert.equal(cache.peekByPublicKey(keysOf(clients[0]!)[0]!), undefined)
  assert.equal(cache.peekByPublicKey(keysOf(clients[2]!)[0]!), clients[2])
  const unknown = [createPublicKey(), createPublicKey(), createPublicKey()]
  for (const key of [...unknown, unknown[0]!]) await cache.findByPublicKey(key)
  assert.equal(loaded.length, 3 + 4)
})

test('keys that it was told of are familiar, those of strangers are not', async () => {
  const { cache } = createCache([])
  const [told, announced, stranger] = [createPublicKey(), createPublicKey(), createPublicKey()]
  cache.learnPublicKeys([told])
  const data = { clientId: 'acme', publicKeys: [announced] }
  cache.apply([{ ...updated('acme'), type: 'client.created', data }])
  assert.deepEqual(
    [told, announced, stranger].map((key) => cache.isFamiliar(key)),
    [true, true, false],
  )
  await cache.findByPublicKey(stranger)
  assert.equal(cache.isFamiliar(stranger), true)
})

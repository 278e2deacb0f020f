import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoggedEvent } from '../core/log/events.ts'
import { PageCache } from './page-cache.ts'

const created = (streamId: string) => [{ type: 'message.created', streamId } as LoggedEvent]

test('a page is made once until its conversation changes', async () => {
  const cache = new PageCache({ bytesMax: 1_000_000, ageMaxMs: 60_000 })
  let made = 0
  const get = (id: string) => cache.get(id, '50', async () => Buffer.from(`page ${++made}`))
  assert.equal(String(await get('a')), 'page 1')
  assert.equal(String(await get('a')), 'page 1')
  assert.equal(String(await get('b')), 'page 2')
  cache.apply(created('a'))
  assert.equal(String(await get('a')), 'page 3')
  assert.equal(String(await get('b')), 'page 2')
})

test('a page that was being made when its conversation changed is not kept', async () => {
  const cache = new PageCache({ bytesMax: 1_000_000, ageMaxMs: 60_000 })
  const read = Promise.withResolvers<Buffer>()
  const first = cache.get('a', '50', () => read.promise)
  cache.apply(created('a'))
  read.resolve(Buffer.from('old'))
  assert.equal(String(await first), 'old')
  assert.equal(String(await cache.get('a', '50', async () => Buffer.from('new'))), 'new')
})

test('readers who come while a page is made share it', async () => {
  const cache = new PageCache({ bytesMax: 1_000_000, ageMaxMs: 60_000 })
  let made = 0
  const get = () => cache.get('a', '50', async () => Buffer.from(`page ${++made}`))
  await Promise.all([get(), get(), get()])
  assert.equal(made, 1)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Name } from '../../testing/cast.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { findMentions } from './mentions.ts'
import { listMentionedIds } from './notices.ts'

async function mentioned({ as, ids }: TestWorld, channel: 'general' | 'secret', by: Name, body: string) {
  const access = await as(by).ports.access.find(ids[by], ids[channel])
  const mentions = await findMentions(as(by), access!.conversation, body)
  return mentions.map((mention) => (mention.kind === 'user' ? mention.username : `@${mention.kind}`)).toSorted()
}

const EVERYBODY = '@ada @bob @cy @gus @eve @mallory @nobody'

test('in a public channel every member is mentioned, and of the guests those who are in it', async (t) => {
  const world = await testWorld(t)
  assert.deepEqual(await mentioned(world, 'general', 'ada', EVERYBODY), ['bob', 'cy'])
})

test('in a private channel only who is in it is mentioned', async (t) => {
  const world = await testWorld(t)
  assert.deepEqual(await mentioned(world, 'secret', 'ada', EVERYBODY), ['gus'])
  assert.deepEqual(await mentioned(world, 'secret', 'gus', EVERYBODY), ['ada'])
})

test('everybody is mentioned once, whatever the case, and never oneself', async (t) => {
  const world = await testWorld(t)
  assert.deepEqual(await mentioned(world, 'general', 'ada', '@bob @BOB (@Bob) @ada'), ['bob'])
  assert.deepEqual(await mentioned(world, 'general', 'ada', '@here and @channel, @here'), ['@channel', '@here'])
  assert.deepEqual(await mentioned(world, 'general', 'ada', 'bob@example.com `@bob` https://x.example/@bob'), [])
})

test('@channel reaches who is in it, @here who of them is online', async (t) => {
  const { as, ids } = await testWorld(t)
  const ctx = as('cy')
  const online = { ...ctx, ports: { ...ctx.ports, presence: { isOnline: (id: string) => id === ids.bob } } }
  const reached = (kind: 'channel' | 'here') => listMentionedIds(online, ids.general, [{ kind }])
  assert.deepEqual((await reached('channel')).toSorted(), [ids.ada, ids.bob].toSorted())
  assert.deepEqual(await reached('here'), [ids.bob])
})

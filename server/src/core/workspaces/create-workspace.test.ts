import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { createWorkspace } from './create-workspace.ts'
import { domainFromName } from './workspace-domain.ts'

test('who makes a workspace owns it, and hears of it', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const { workspace, member } = await createWorkspace(as('eve'), { name: '  Böhm & Sons ' })
  assert.equal(workspace.name, 'Böhm & Sons')
  assert.equal(workspace.domain, 'bohm-sons')
  assert.deepEqual([member.userId, member.role], [ids.eve, 'owner'])
  assert.deepEqual(
    (await events()).map(({ type, streamId }) => [type, streamId]),
    [
      ['workspace.joined', ids.eve],
      ['member.joined', workspace.id],
    ],
  )
})

test('a domain that somebody chose must be free, one that is made gets a suffix', async (t) => {
  const { as } = await testWorld(t)
  await assert.rejects(createWorkspace(as('eve'), { name: 'Mine', domain: 'ACME' }), { code: 'domain_taken' })
  const { workspace } = await createWorkspace(as('eve'), { name: 'Acme' })
  assert.match(workspace.domain, /^acme-[0-9a-f]{6}$/)
})

test('of many workspaces with one name made at once, each has a domain of its own', async (t) => {
  const { as } = await testWorld(t)
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, i) => createWorkspace(as(i % 2 === 0 ? 'eve' : 'bob'), { name: 'Same' })),
  )
  assert.equal(new Set(made.map(({ workspace }) => workspace.domain)).size, 8)
})

test('names and domains that nobody could read are refused', async (t) => {
  const { as, events } = await testWorld(t)
  const refused = [
    { name: ' ' },
    { name: 'two\nlines' },
    { name: 'nul\0' },
    { name: 'x'.repeat(101) },
    { name: 'Fine', domain: '-edge' },
    { name: 'Fine', domain: 'dots.are.not' },
    { name: 'Fine', domain: 'x'.repeat(64) },
  ]
  for (const input of refused) await assert.rejects(createWorkspace(as('eve'), input), { code: 'invalid_request' })
  assert.deepEqual(await events(), [])
})

test('a domain is made of whatever letters the name has', () => {
  assert.equal(domainFromName('Ünïcode  -- Straße 7'), 'unicode-stra-e-7')
  assert.equal(domainFromName('日本語'), 'workspace')
  assert.equal(domainFromName('a'.repeat(200)).length, 56)
})

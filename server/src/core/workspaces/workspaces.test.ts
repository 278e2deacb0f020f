import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { listChannels } from '../conversations/list-channels.ts'
import { sendMessage } from '../messages/send-message.ts'
import { addMember } from './add-member.ts'
import { createWorkspace } from './create-workspace.ts'
import { deleteWorkspace } from './delete-workspace.ts'
import { getWorkspace } from './get-workspace.ts'
import { listMembers } from './list-members.ts'
import { listWorkspaces } from './list-workspaces.ts'
import { updateWorkspace } from './update-workspace.ts'

test('a deleted workspace is gone with its channels, and everybody hears of it', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const { workspace: workspaceId, general, secret, ada, bob, cy, gus } = ids
  await sendMessage(as('bob'), { conversationId: general, body: 'before' })
  const before = (await events()).length
  await deleteWorkspace(as('ada'), { workspaceId })

  await assert.rejects(getWorkspace(as('ada'), { workspaceId }), { code: 'workspace_not_found' })
  await assert.rejects(listChannels(as('ada'), { workspaceId, limit: 10 }), { code: 'workspace_not_found' })
  const sent = sendMessage(as('bob'), { conversationId: general, body: 'after' })
  await assert.rejects(sent, { code: 'conversation_not_found' })
  assert.deepEqual((await listWorkspaces(as('bob'), { limit: 10 })).rows, [])
  const told = (await events()).slice(before).map(({ type, streamId }) => `${type} ${streamId}`)
  assert.deepEqual(
    told.sort(),
    [
      `conversation.deleted ${workspaceId}`,
      `conversation.deleted ${secret}`,
      `workspace.deleted ${workspaceId}`,
      ...[ada, bob, cy, gus].map((id) => `workspace.left ${id}`),
    ].sort(),
  )
})

test('the domain of a deleted workspace can be used again', async (t) => {
  const { as, ids } = await testWorld(t)
  await deleteWorkspace(as('ada'), { workspaceId: ids.workspace })
  const { workspace } = await createWorkspace(as('eve'), { name: 'New', domain: 'acme' })
  assert.equal(workspace.domain, 'acme')
})

test('a renamed workspace is announced once, to its guests on their own streams', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const { workspace: workspaceId, gus } = ids
  const rename = () => updateWorkspace(as('cy'), { workspaceId, name: 'Acme Ltd', domain: 'Acme-Ltd' })
  assert.equal((await rename()).workspace.domain, 'acme-ltd')
  await rename()
  assert.deepEqual(
    (await events()).map(({ type, streamId }) => [type, streamId]),
    [
      ['workspace.updated', workspaceId],
      ['workspace.updated', gus],
    ],
  )
})

test('a domain that another workspace has is refused', async (t) => {
  const { as, ids } = await testWorld(t)
  const renamed = updateWorkspace(as('ada'), { workspaceId: ids.workspace, domain: 'mallet' })
  await assert.rejects(renamed, { code: 'domain_taken', param: 'domain' })
})

test('pages of workspaces lose and repeat nothing while others are made', async (t) => {
  const { as, setNow } = await testWorld(t)
  setNow('2026-02-01T00:00:00.000Z')
  const make = async (count: number) => {
    const made = await Promise.all(Array.from({ length: count }, () => createWorkspace(as('eve'), { name: 'W' })))
    return made.map(({ workspace }) => workspace.id)
  }
  const there = await make(11)
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page = await listWorkspaces(as('eve'), { limit: 3, cursor })
    seen.push(...page.rows.map(({ workspace }) => workspace.id))
    cursor = page.nextCursor
    if (seen.length < 9) await make(1)
  } while (cursor !== null)
  assert.equal(new Set(seen).size, seen.length)
  assert.deepEqual(
    there.filter((id) => !seen.includes(id)),
    [],
  )
})

test('pages of members lose and repeat nothing while others join', async (t) => {
  const { as, ids, setNow } = await testWorld(t)
  setNow('2026-02-01T00:00:00.000Z')
  const workspaceId = ids.workspace
  const first = await listMembers(as('ada'), { workspaceId, limit: 2 })
  await addMember(as('ada'), { workspaceId, userId: ids.eve })
  await addMember(as('ada'), { workspaceId, userId: ids.mallory })
  const second = await listMembers(as('ada'), { workspaceId, limit: 10, cursor: first.nextCursor })
  const seen = [...first.rows, ...second.rows].map(({ user }) => user.username)
  assert.equal(new Set(seen).size, seen.length)
  for (const name of ['ada', 'bob', 'cy', 'gus']) assert.ok(seen.includes(name), name)
  await assert.rejects(listMembers(as('ada'), { workspaceId, limit: 2, cursor: 'nonsense' }), {
    code: 'invalid_cursor',
  })
})

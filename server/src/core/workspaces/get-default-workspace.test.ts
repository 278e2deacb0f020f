import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { addMember } from './add-member.ts'
import { createWorkspace } from './create-workspace.ts'
import { deleteWorkspace } from './delete-workspace.ts'
import { getDefaultWorkspaceId } from './get-default-workspace.ts'

test('the default workspace is the first that somebody joined as more than a guest, and one that is there', async (t) => {
  const world = await testWorld(t)
  const { ids } = world
  const defaultOf = (name: 'ada' | 'bob' | 'gus' | 'eve') => getDefaultWorkspaceId(world.as(name))
  assert.equal(await defaultOf('bob'), ids.workspace)
  // Older than all that comes after, but joined later.
  await addMember(world.as('mallory'), { workspaceId: ids.otherWorkspace, userId: ids.bob, role: 'admin' })
  assert.equal(await defaultOf('bob'), ids.workspace)

  assert.equal(await defaultOf('gus'), ids.workspace)
  const own = await createWorkspace(world.as('gus'), { name: 'Own' })
  assert.equal(await defaultOf('gus'), own.workspace.id)
  await deleteWorkspace(world.as('gus'), { workspaceId: own.workspace.id })
  assert.equal(await defaultOf('gus'), ids.workspace)

  await assert.rejects(defaultOf('eve'), { code: 'workspace_not_found' })
})

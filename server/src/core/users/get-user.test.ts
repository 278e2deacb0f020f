import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Name } from '../../testing/cast.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { openDirectConversation } from '../conversations/open-direct-conversation.ts'
import { deleteWorkspace } from '../workspaces/delete-workspace.ts'
import { removeMember } from '../workspaces/remove-member.ts'
import { getUser } from './get-user.ts'

const sees = (world: TestWorld, who: Name, whom: Name) => getUser(world.as(who), { userId: world.ids[whom] })
const HIDDEN = { code: 'user_not_found', param: 'user_id' }

test('people who share a workspace see each other, but for the email', async (t) => {
  const world = await testWorld(t)
  const bob = await sees(world, 'ada', 'bob')
  assert.deepEqual([bob.id, bob.username, 'email' in bob], [world.ids.bob, 'bob', false])
  await sees(world, 'gus', 'bob')
  await sees(world, 'bob', 'bob')
  await sees(world, 'eve', 'eve')
})

test('a stranger answers like nobody', async (t) => {
  const world = await testWorld(t)
  await assert.rejects(sees(world, 'eve', 'ada'), HIDDEN)
  await assert.rejects(sees(world, 'ada', 'mallory'), HIDDEN)
  await assert.rejects(getUser(world.as('ada'), { userId: world.ids.workspace }), HIDDEN)
})

test('whoever has spoken directly goes on seeing the other without the workspace', async (t) => {
  const world = await testWorld(t)
  const { workspace, bob } = world.ids
  await openDirectConversation(world.as('bob'), { userId: world.ids.cy })
  await removeMember(world.as('ada'), { workspaceId: workspace, userId: bob })
  await sees(world, 'bob', 'cy')
  await assert.rejects(sees(world, 'bob', 'ada'), HIDDEN)
  await deleteWorkspace(world.as('ada'), { workspaceId: workspace })
  await assert.rejects(sees(world, 'gus', 'ada'), HIDDEN)
})

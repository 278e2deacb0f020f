import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CALLERS, type Caller, createPeople, giveRole, outcome, ROLES } from '../../testing/callers.ts'
import { testWorld } from '../../testing/world.ts'
import { addMember } from './add-member.ts'
import { deleteWorkspace } from './delete-workspace.ts'
import { getWorkspace } from './get-workspace.ts'
import { listMembers } from './list-members.ts'
import { removeMember } from './remove-member.ts'
import type { Role } from './schema.ts'
import { updateMember } from './update-member.ts'
import { updateWorkspace } from './update-workspace.ts'

const NO = 'permission_denied'
const NONE = 'workspace_not_found'

/** What each caller is told, in the order of CALLERS. */
const EXPECTED = {
  'see the workspace': ['ok', 'ok', 'ok', 'ok', 'ok', NONE],
  'list the members': ['ok', 'ok', 'ok', 'ok', NO, NONE],
  'rename the workspace': ['ok', 'ok', NO, NO, NO, NONE],
  'add a guest': ['ok', 'ok', NO, NO, NO, NONE],
  'add an admin': ['ok', 'ok', NO, NO, NO, NONE],
  'add an owner': ['ok', NO, NO, NO, NO, NONE],
  'make a member an admin': ['ok', 'ok', NO, NO, NO, NONE],
  'make a member an owner': ['ok', NO, NO, NO, NO, NONE],
  'unmake an admin': ['ok', 'ok', NO, NO, NO, NONE],
  'unmake an owner': ['ok', NO, NO, NO, NO, NONE],
  'remove a member': ['ok', 'ok', NO, NO, NO, NONE],
  'remove an admin': ['ok', 'ok', NO, NO, NO, NONE],
  'remove an owner': ['ok', NO, NO, NO, NO, NONE],
  leave: ['ok', 'ok', 'ok', 'ok', 'ok', NONE],
  'delete the workspace': ['ok', NO, NO, NO, NO, NONE],
}

test('each role may do with a workspace what the table says', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const { workspace: workspaceId, eve: newcomer, mallory } = world.ids
  const target = await createPeople(world, 'target')
  const callers: Record<Caller, string> = { ...(await createPeople(world, 'caller')), outsider: mallory }
  const as = (caller: Caller) => world.asUser(callers[caller])
  const add = (caller: Caller, role: Role) => addMember(as(caller), { workspaceId, userId: newcomer, role })
  const change = (caller: Caller, from: Role, role: Role) =>
    updateMember(as(caller), { workspaceId, userId: target[from], role })
  const remove = (caller: Caller, role: Role) => removeMember(as(caller), { workspaceId, userId: target[role] })
  const attempts: Record<keyof typeof EXPECTED, (caller: Caller) => Promise<unknown>> = {
    'see the workspace': (caller) => getWorkspace(as(caller), { workspaceId }),
    'list the members': (caller) => listMembers(as(caller), { workspaceId, limit: 10 }),
    'rename the workspace': (caller) => updateWorkspace(as(caller), { workspaceId, name: `By ${caller}` }),
    'add a guest': (caller) => add(caller, 'guest'),
    'add an admin': (caller) => add(caller, 'admin'),
    'add an owner': (caller) => add(caller, 'owner'),
    'make a member an admin': (caller) => change(caller, 'member', 'admin'),
    'make a member an owner': (caller) => change(caller, 'member', 'owner'),
    'unmake an admin': (caller) => change(caller, 'admin', 'member'),
    'unmake an owner': (caller) => change(caller, 'owner', 'member'),
    'remove a member': (caller) => remove(caller, 'member'),
    'remove an admin': (caller) => remove(caller, 'admin'),
    'remove an owner': (caller) => remove(caller, 'owner'),
    leave: (caller) => removeMember(as(caller), { workspaceId, userId: callers[caller] }),
    'delete the workspace': (caller) => deleteWorkspace(as(caller), { workspaceId }),
  }
  const restore = async () => {
    const { kysely } = world.runtime.core.database
    await kysely.updateTable('workspaces').set({ deletedAt: null }).where('id', '=', workspaceId).execute()
    await kysely.deleteFrom('members').where('userId', '=', newcomer).execute()
    for (const role of ROLES) for (const people of [target, callers]) await giveRole(world, people[role], role)
  }
  for (const act of Object.keys(EXPECTED) as (keyof typeof EXPECTED)[]) {
    const told: string[] = []
    for (const caller of CALLERS) {
      await restore()
      told.push(await outcome(attempts[act](caller)))
    }
    assert.deepEqual(told, EXPECTED[act], act)
  }
})

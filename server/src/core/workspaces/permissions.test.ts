import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { AppError } from '../errors.ts'
import { addMember } from './add-member.ts'
import { deleteWorkspace } from './delete-workspace.ts'
import { getWorkspace } from './get-workspace.ts'
import { listMembers } from './list-members.ts'
import { removeMember } from './remove-member.ts'
import type { Role } from './schema.ts'
import { updateMember } from './update-member.ts'
import { updateWorkspace } from './update-workspace.ts'

const ROLES = ['owner', 'admin', 'member', 'agent', 'guest'] as const
type Caller = Role | 'outsider'
const CALLERS: Caller[] = [...ROLES, 'outsider']

type People = Record<Caller, string> & { target: Record<Role, string>; newcomer: string; workspaceId: string }

/** A workspace with two people of each role, whose callers act on the targets. */
async function setUp(t: TestContext): Promise<{ world: TestWorld; people: People }> {
  const world = await testWorld(t, { eventTruth: false })
  const { ids, runtime } = world
  const at = '2026-01-01T00:00:00.000Z'
  const { kysely } = runtime.core.database
  const make = async (name: string, role?: Role) => {
    const id = randomUUIDv7()
    const user = { id, username: name, email: `${name}@example.com`, name, passwordHash: '!' }
    await kysely
      .insertInto('users')
      .values({ ...user, createdAt: at, updatedAt: at })
      .execute()
    await kysely.insertInto('streams').values({ id, kind: 'user' }).execute()
    if (role === undefined) return id
    const member = { workspaceId: ids.workspace, userId: id, role, joinedAt: at, updatedAt: at }
    await kysely.insertInto('members').values(member).execute()
    return id
  }
  const people = { outsider: ids.mallory, newcomer: ids.eve, workspaceId: ids.workspace, target: {} } as People
  for (const role of ROLES) {
    people[role] = await make(`caller-${role}`, role)
    people.target[role] = await make(`target-${role}`, role)
  }
  return { world, people }
}

const outcome = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt
    return 'ok'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

const NO = 'permission_denied'
const NONE = 'workspace_not_found'

/** What each caller is told, in the order of CALLERS. */
const EXPECTED: Record<string, string[]> = {
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

test('each role may do what the table says', async (t) => {
  const { world, people } = await setUp(t)
  const { workspaceId, target, newcomer } = people
  const { kysely } = world.runtime.core.database
  const restore = async (caller: Caller) => {
    await kysely.updateTable('workspaces').set({ deletedAt: null }).where('id', '=', workspaceId).execute()
    await kysely.deleteFrom('members').where('userId', '=', newcomer).execute()
    const at = '2026-01-01T00:00:00.000Z'
    const rows = [
      ...ROLES.map((role) => [target[role], role]),
      ...(caller === 'outsider' ? [] : [[people[caller], caller]]),
    ]
    await kysely
      .insertInto('members')
      .values(
        rows.map(([userId, role]) => ({ workspaceId, userId: userId!, role: role!, joinedAt: at, updatedAt: at })),
      )
      .onConflict((conflict) =>
        conflict.columns(['workspaceId', 'userId']).doUpdateSet(({ ref }) => ({ role: ref('excluded.role') })),
      )
      .execute()
  }
  const attempts: Record<string, (caller: Caller) => Promise<unknown>> = {
    'see the workspace': (caller) => getWorkspace(as(caller), { workspaceId }),
    'list the members': (caller) => listMembers(as(caller), { workspaceId, limit: 10 }),
    'rename the workspace': (caller) => updateWorkspace(as(caller), { workspaceId, name: `By ${caller}` }),
    'add a guest': (caller) => addMember(as(caller), { workspaceId, userId: newcomer, role: 'guest' }),
    'add an admin': (caller) => addMember(as(caller), { workspaceId, userId: newcomer, role: 'admin' }),
    'add an owner': (caller) => addMember(as(caller), { workspaceId, userId: newcomer, role: 'owner' }),
    'make a member an admin': (caller) => setRole(caller, target.member, 'admin'),
    'make a member an owner': (caller) => setRole(caller, target.member, 'owner'),
    'unmake an admin': (caller) => setRole(caller, target.admin, 'member'),
    'unmake an owner': (caller) => setRole(caller, target.owner, 'member'),
    'remove a member': (caller) => removeMember(as(caller), { workspaceId, userId: target.member }),
    'remove an admin': (caller) => removeMember(as(caller), { workspaceId, userId: target.admin }),
    'remove an owner': (caller) => removeMember(as(caller), { workspaceId, userId: target.owner }),
    leave: (caller) => removeMember(as(caller), { workspaceId, userId: people[caller] }),
    'delete the workspace': (caller) => deleteWorkspace(as(caller), { workspaceId }),
  }
  function as(caller: Caller) {
    return world.asUser(people[caller])
  }
  function setRole(caller: Caller, userId: string, role: Role) {
    return updateMember(as(caller), { workspaceId, userId, role })
  }
  for (const [act, expected] of Object.entries(EXPECTED)) {
    const told: string[] = []
    for (const caller of CALLERS) {
      await restore(caller)
      told.push(await outcome(attempts[act]!(caller)))
    }
    assert.deepEqual(told, expected, act)
  }
})

import { randomUUIDv7 } from 'node:crypto'
import { AppError } from '../core/errors.ts'
import type { Role } from '../core/workspaces/schema.ts'
import type { TestWorld } from './world.ts'

export const ROLES = ['owner', 'admin', 'member', 'agent', 'guest'] as const
/** One of each role, and somebody who is not in the workspace: the columns of a table of permissions. */
export const CALLERS = [...ROLES, 'outsider'] as const
export type Caller = (typeof CALLERS)[number]

const AT = '2026-01-01T00:00:00.000Z'

/** Somebody of each role in the cast's workspace; written directly, so the world must do without event truth. */
export async function createPeople(world: TestWorld, prefix: string): Promise<Record<Role, string>> {
  const { kysely } = world.runtime.core.database
  const people = Object.fromEntries(ROLES.map((role) => [role, randomUUIDv7()])) as Record<Role, string>
  for (const role of ROLES) {
    const name = `${prefix}-${role}`
    const user = { id: people[role], username: name, email: `${name}@example.com`, name, passwordHash: '!' }
    await kysely
      .insertInto('users')
      .values({ ...user, createdAt: AT, updatedAt: AT })
      .execute()
    await kysely.insertInto('streams').values({ id: user.id, kind: 'user' }).execute()
    await giveRole(world, user.id, role)
  }
  return people
}

/** Makes somebody a member of the cast's workspace with this role, whatever they were before. */
export async function giveRole({ ids, runtime }: TestWorld, userId: string, role: Role): Promise<void> {
  await runtime.core.database.kysely
    .insertInto('members')
    .values({ workspaceId: ids.workspace, userId, role, joinedAt: AT, updatedAt: AT })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'userId']).doUpdateSet({ role }))
    .execute()
}

/** What somebody is told who tries something: `ok` or the error's code. */
export async function outcome(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'ok'
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

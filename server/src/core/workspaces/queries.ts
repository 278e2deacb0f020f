import type { Database } from '../../platform/database/database.ts'
import type { Member, Membership, Role } from './schema.ts'

export const WORKSPACE_COLUMNS = ['id', 'name', 'domain', 'createdBy', 'createdAt', 'updatedAt', 'deletedAt'] as const
export const MEMBER_COLUMNS = ['workspaceId', 'userId', 'role', 'joinedAt', 'updatedAt'] as const

type MemberKey = { workspaceId: string; userId: string }

/** Undefined where there is no such workspace, or no more, and where the person is not in it. */
export async function findMembership(
  db: Database,
  { workspaceId, userId }: MemberKey,
): Promise<Membership | undefined> {
  const workspace = await db
    .selectFrom('workspaces')
    .select(WORKSPACE_COLUMNS)
    .where('id', '=', workspaceId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  const member = workspace && (await findMember(db, { workspaceId, userId }))
  return member && { workspace, member }
}

export async function findMember(db: Database, { workspaceId, userId }: MemberKey): Promise<Member | undefined> {
  return db
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .where('workspaceId', '=', workspaceId)
    .where('userId', '=', userId)
    .$narrowType<{ role: Role }>()
    .executeTakeFirst()
}

export async function countOwners(db: Database, workspaceId: string): Promise<number> {
  const { owners } = await db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('owners'))
    .where('workspaceId', '=', workspaceId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow()
  return owners
}

/** Everybody with one of these roles; everybody at all where none is named. */
export async function listMemberIds(db: Database, workspaceId: string, roles: Role[] = []): Promise<string[]> {
  const rows = await db
    .selectFrom('members')
    .select('userId')
    .where('workspaceId', '=', workspaceId)
    .$if(roles.length > 0, (query) => query.where('role', 'in', roles))
    .execute()
  return rows.map(({ userId }) => userId)
}

/** Which of these people are in the workspace. */
export async function findMemberIds(db: Database, workspaceId: string, userIds: string[]): Promise<Set<string>> {
  if (userIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('members')
    .select('userId')
    .where('workspaceId', '=', workspaceId)
    .where('userId', 'in', userIds)
    .execute()
  return new Set(rows.map(({ userId }) => userId))
}

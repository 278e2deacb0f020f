import type { Database } from '../../platform/database/database.ts'
import { PUBLIC_USER_COLUMNS } from '../users/public-users.ts'
import type { PublicUser, UserStatus } from '../users/schema.ts'

/** Which of these people look after the contacts of a workspace: its members, but no guests. */
export async function findTeam(
  db: Database,
  { workspaceId, userIds }: { workspaceId: string; userIds: string[] },
): Promise<Map<string, PublicUser>> {
  if (userIds.length === 0) return new Map()
  const users = await db
    .selectFrom('users')
    .select(PUBLIC_USER_COLUMNS)
    .where('id', 'in', [...new Set(userIds)])
    .where('deletedAt', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('members')
          .select('userId')
          .where('workspaceId', '=', workspaceId)
          .whereRef('userId', '=', 'users.id')
          .where('role', '<>', 'guest'),
      ),
    )
    .$narrowType<{ status: UserStatus | null }>()
    .execute()
  return new Map(users.map((user) => [user.id, user]))
}

import type { Database } from '../../platform/database/database.ts'
import type { PublicUser, UserStatus } from './schema.ts'

export const PUBLIC_USER_COLUMNS = [
  'id',
  'username',
  'name',
  'status',
  'statusText',
  'statusExpiresAt',
  'createdAt',
  'updatedAt',
] as const

/** What others see of some people, by id; also of those whose account is gone. */
export async function findPublicUsers(db: Database, ids: string[]): Promise<Map<string, PublicUser>> {
  if (ids.length === 0) return new Map()
  const users = await db
    .selectFrom('users')
    .select(PUBLIC_USER_COLUMNS)
    .where('id', 'in', ids)
    .$narrowType<{ status: UserStatus | null }>()
    .execute()
  return new Map(users.map((user) => [user.id, user]))
}

import type { Database } from '../../platform/database/database.ts'
import { PUBLIC_USER_COLUMNS } from './public-users.ts'
import type { User, UserStatus } from './schema.ts'

export const USER_COLUMNS = [...PUBLIC_USER_COLUMNS, 'email'] as const

/** Undefined where the account is gone. */
export async function findUser(db: Database, userId: string): Promise<User | undefined> {
  return db
    .selectFrom('users')
    .select(USER_COLUMNS)
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .$narrowType<{ status: UserStatus | null }>()
    .executeTakeFirst()
}

/** By id or by email, with what only signing in looks at. */
export async function findUserWithPassword(
  db: Database,
  by: { id: string } | { email: string },
): Promise<(User & { passwordHash: string }) | undefined> {
  return db
    .selectFrom('users')
    .select([...USER_COLUMNS, 'passwordHash'])
    .where('deletedAt', 'is', null)
    .where(({ eb, fn, val }) =>
      'id' in by ? eb('id', '=', by.id) : eb(fn<string>('lower', ['email']), '=', fn<string>('lower', [val(by.email)])),
    )
    .$narrowType<{ status: UserStatus | null }>()
    .executeTakeFirst()
}

/** The workspaces whose members hear of a person's changes. */
export async function listWorkspaceIdsOf(db: Database, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('members as m')
    .innerJoin('workspaces as w', 'w.id', 'm.workspaceId')
    .select('w.id')
    .where('m.userId', '=', userId)
    .where('w.deletedAt', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}

import type { User } from '../core/users/schema.ts'
import type { Database } from '../platform/database/database.ts'

/** The person on a connection, as they see themselves. */
export async function findOwnUser(db: Database, userId: string): Promise<User | undefined> {
  return db
    .selectFrom('users')
    .select(['id', 'username', 'name', 'email', 'statusText', 'statusExpiresAt', 'createdAt', 'updatedAt'])
    .select((eb) => eb.ref('status').$castTo<User['status']>().as('status'))
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
}

import type { Database } from '../../platform/database/database.ts'
import { AppError, invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'

/** Names a person by exactly one of these. */
export type Invited = { userId?: string | null; email?: string | null; username?: string | null }

const FIELDS = { userId: 'user_id', email: 'email', username: 'username' } as const

/** Finds a person by id, email or username; throws `user_not_found` for the field that was given. */
export async function getInvitedUserId(db: Database, invited: Invited): Promise<string> {
  const given = (['userId', 'email', 'username'] as const).filter((key) => invited[key])
  if (given.length !== 1) throw invalidField('user_id', 'is required, or else email or username: exactly one of them')
  const key = given[0]!
  const value = invited[key]!.trim()
  requireStorableText(value, FIELDS[key])
  const users = db.selectFrom('users').select('id').where('deletedAt', 'is', null)
  const found =
    key === 'userId'
      ? users.where('id', '=', value)
      : users.where(({ eb, fn, val }) => eb(fn<string>('lower', [key]), '=', fn<string>('lower', [val(value)])))
  const user = await found.executeTakeFirst()
  if (user === undefined) throw new AppError('user_not_found', FIELDS[key])
  return user.id
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findUser } from './queries.ts'
import type { User } from './schema.ts'

/** The caller, as they see themselves. */
export async function getOwnUser(ctx: Context<UserActor>): Promise<User> {
  const user = await findUser(ctx.db, ctx.actor.id)
  if (user === undefined) throw new AppError('user_not_found')
  return user
}

import type { AnonymousActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'
import { findUserWithPassword } from '../users/queries.ts'
import { openSession } from './open-session.ts'
import type { Client, SignedIn } from './schema.ts'

export type CreateSession = Client & { email: string; password: string }

/**
 * Signs somebody in. A wrong password and an unknown email have the same answer after the same time; too many of them
 * for one account or from one address are refused for a while.
 */
export async function createSession(ctx: Context<AnonymousActor>, input: CreateSession): Promise<SignedIn> {
  const email = input.email.trim()
  requireStorableText(email, 'email')
  const found = await findUserWithPassword(ctx.db, { email })
  const isRight = await ctx.ports.passwords.verify(input.password, {
    passwordHash: found?.passwordHash ?? null,
    account: email,
    address: ctx.actor.address,
  })
  if (found === undefined || !isRight) throw new AppError('wrong_credentials')

  const { passwordHash, ...user } = found
  const renewed = ctx.ports.passwords.isOutdated(passwordHash) && (await ctx.ports.passwords.hash(input.password))
  return ctx.transaction(async (ctx) => {
    if (renewed) await renewHash(ctx, { userId: user.id, from: passwordHash, to: renewed })
    return openSession(ctx, user, input)
  })
}

/** Unless the password was changed meanwhile. */
async function renewHash(
  ctx: Context<AnonymousActor>,
  { userId, from, to }: { userId: string; from: string; to: string },
): Promise<void> {
  await ctx.db
    .updateTable('users')
    .set({ passwordHash: to })
    .where('id', '=', userId)
    .where('passwordHash', '=', from)
    .execute()
}

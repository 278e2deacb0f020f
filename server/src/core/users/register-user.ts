import type { AnonymousActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { parseEmail } from '../email.ts'
import { addressKey } from '../limits/address-key.ts'
import { createStream } from '../log/append-events.ts'
import { parseFields } from '../parse-fields.ts'
import { openSession } from '../sessions/open-session.ts'
import type { Client, SignedIn } from '../sessions/schema.ts'
import { parsePassword, parsePersonName, parseUsername, refuseTaken } from './account-fields.ts'
import { USER_COLUMNS } from './queries.ts'
import type { User, UserStatus } from './schema.ts'

export type RegisterUser = Client & {
  username: string
  email: string
  password: string
  /** The username where it is missing. */
  name?: string | null
}

/**
 * Makes an account and signs in to it; too many from one address are refused for a while. Nobody hears of it: somebody
 * new shares nothing with anybody yet.
 */
export async function registerUser(ctx: Context<AnonymousActor>, input: RegisterUser): Promise<SignedIn> {
  const { password, ...profile } = parseFields({
    username: () => parseUsername(input.username),
    email: () => parseEmail(input.email),
    name: () => (input.name?.trim() ? parsePersonName(input.name) : input.username.trim()),
    password: () => parsePassword(input.password),
  })
  await ctx.ports.limits.consume('registers', addressKey(ctx.actor.address))
  const passwordHash = await ctx.ports.passwords.hash(password)
  const registered = ctx.transaction(async (ctx) => {
    const user = await insertUser(ctx, { ...profile, passwordHash })
    await createStream(ctx.db, user.id, 'user')
    return openSession(ctx, user, input)
  })
  return refuseTaken(registered)
}

type NewUser = { username: string; email: string; name: string; passwordHash: string }

async function insertUser(ctx: Context, fields: NewUser): Promise<User> {
  const now = ctx.now()
  return ctx.db
    .insertInto('users')
    .values({ ...fields, id: ctx.newId(), createdAt: now, updatedAt: now })
    .returning(USER_COLUMNS)
    .$narrowType<{ status: UserStatus | null }>()
    .executeTakeFirstOrThrow()
}

import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { parseEmail } from '../email.ts'
import { AppError, invalidField } from '../errors.ts'
import { parseFields } from '../parse-fields.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { parsePassword, parsePersonName, parseUsername, refuseTaken } from './account-fields.ts'
import { changeUser, holdStreamsOf, type ProfileChange } from './change-user.ts'
import { findUserWithPassword } from './queries.ts'
import type { User } from './schema.ts'

export type UpdateUser = {
  username?: string
  email?: string
  name?: string
  /** A new one ends the caller's other sessions. */
  password?: string
  /** Asked for with a new password only. */
  currentPassword?: string
}

/** The hash that the current password was checked against, and the new one. */
type PasswordChange = { from: string; to: string }

/** Changes the caller's own account. Announced to themselves and to their workspaces; nothing changed, nothing said. */
export async function updateUser(ctx: Context<UserActor>, input: UpdateUser): Promise<User> {
  const { password, ...profile } = parseFields({
    username: () => optional(input.username, parseUsername),
    email: () => optional(input.email, parseEmail),
    name: () => optional(input.name, parsePersonName),
    password: () => optional(input.password, parsePassword),
  })
  const passwordChange =
    password === undefined ? undefined : await preparePassword(ctx, password, input.currentPassword)
  const updated = ctx.transaction(async (ctx) => {
    const streamIds = await holdStreamsOf(ctx, ctx.actor.id)
    const { passwordHash, ...user } = await getOwn(ctx)
    if (passwordChange !== undefined) await changePassword(ctx, passwordHash, passwordChange)
    const change = differencesOf(user, profile)
    return change === undefined ? user : changeUser(ctx, { userId: user.id, change, streamIds })
  })
  return refuseTaken(updated)
}

function optional(text: string | undefined, parse: (text: string) => string): string | undefined {
  return text === undefined ? undefined : parse(text)
}

async function getOwn(ctx: Context<UserActor>): Promise<User & { passwordHash: string }> {
  const user = await findUserWithPassword(ctx.db, { id: ctx.actor.id })
  if (user === undefined) throw new AppError('user_not_found')
  return user
}

async function preparePassword(
  ctx: Context<UserActor>,
  password: string,
  currentPassword: string | undefined,
): Promise<PasswordChange> {
  if (currentPassword === undefined) throw invalidField('current_password', 'is required with a new password')
  const { passwordHash, email } = await getOwn(ctx)
  const attempt = { passwordHash, account: email, address: ctx.actor.address }
  const isRight = await ctx.ports.passwords.verify(currentPassword, attempt)
  if (!isRight) throw new AppError('wrong_password', 'current_password')
  return { from: passwordHash, to: await ctx.ports.passwords.hash(password) }
}

async function changePassword(ctx: Context<UserActor>, current: string, { from, to }: PasswordChange): Promise<void> {
  // It was changed on another device since it was checked.
  if (current !== from) throw new AppError('wrong_password', 'current_password')
  const { id: userId, sessionId } = ctx.actor
  await ctx.db.updateTable('users').set({ passwordHash: to }).where('id', '=', userId).execute()
  await endSessions(ctx, { userId, except: sessionId })
}

function differencesOf(
  user: User,
  profile: Pick<UpdateUser, 'username' | 'email' | 'name'>,
): ProfileChange | undefined {
  const change: ProfileChange = {}
  for (const field of ['username', 'email', 'name'] as const) {
    const value = profile[field]
    if (value !== undefined && value !== user[field]) change[field] = value
  }
  return Object.keys(change).length === 0 ? undefined : change
}

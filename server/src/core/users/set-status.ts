import type { Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { invalidField } from '../errors.ts'
import { parseName } from '../name.ts'
import { parseFields } from '../parse-fields.ts'
import { parseMoment } from '../parse-moment.ts'
import { changeUser, holdStreamsOf } from './change-user.ts'
import { scheduleExpiry } from './expire-status.ts'
import type { User, UserStatus } from './schema.ts'

export type SetStatus = {
  /** Null follows the caller's open sockets. */
  status: UserStatus | null
  text?: string | null
  /** When it ends by itself; never where it is missing. */
  expiresAt?: Timestamp | null
}

const TEXT_CHARACTERS_MAX = 128

/** Shows others what the caller is up to, in place of what was shown before. Announced to them and their workspaces. */
export async function setStatus(ctx: Context<UserActor>, { status, text, expiresAt }: SetStatus): Promise<User> {
  const { statusText, statusExpiresAt } = parseFields({
    statusText: () => parseText(text),
    statusExpiresAt: () => parseExpiry(expiresAt, ctx.now()),
  })
  const userId = ctx.actor.id
  return ctx.transaction(async (ctx) => {
    const streamIds = await holdStreamsOf(ctx, userId)
    const change = { status, statusText, statusExpiresAt }
    const user = await changeUser(ctx, { userId, change, streamIds })
    if (statusExpiresAt !== null) await scheduleExpiry(ctx, { userId, at: statusExpiresAt })
    return user
  })
}

function parseText(text: string | null | undefined): string | null {
  return text?.trim() ? parseName(text, { field: 'text', charactersMax: TEXT_CHARACTERS_MAX }) : null
}

function parseExpiry(text: string | null | undefined, now: Timestamp): Timestamp | null {
  if (text === null || text === undefined) return null
  const at = parseMoment(text)
  if (at === undefined) throw invalidField('expires_at', 'must be a time such as 2026-01-31T09:30:00Z')
  if (at <= now) throw invalidField('expires_at', 'must be in the future')
  return at
}

import { type TString, Type } from 'typebox'
import type { PublicUser, User, UserStatus } from '../../core/users/schema.ts'
import type { Timestamp } from '../../platform/clock.ts'

/** What an answer needs beside the rows: who is online, and what time it is. */
export type Live = { now(): Timestamp; isOnline(userId: string): boolean }

// As one type with null rather than a choice of two schemas: a choice is decided anew for every value that is sent.
const nullable = (schema: TString) => Type.Unsafe<string | null>({ ...schema, type: ['string', 'null'] })

export const Time = (description: string) => Type.String({ format: 'date-time', description })
export const OptionalTime = (description: string) => nullable(Time(description))
export const Id = (description: string) => Type.String({ format: 'uuid', description })
export const OptionalId = (description: string) => nullable(Id(description))
export const OptionalText = (description: string) => nullable(Type.String({ description }))

export const UserObject = Type.Object(
  {
    id: Id('The user.'),
    username: Type.String({ description: 'Unique on this server; what follows `@` in a mention.' }),
    name: Type.String({ description: 'What others see.' }),
    email: Type.Optional(Type.String({ description: 'Only in your own user.' })),
    status: Type.Enum(['online', 'offline', 'busy', 'out_of_office'], {
      description: 'The chosen status while it has not expired, else `online` with an open socket, else `offline`.',
    }),
    status_text: OptionalText('Up to 128 characters.'),
    status_expires_at: OptionalTime('When the chosen status ends.'),
    created_at: Time('When the account was made.'),
    updated_at: Time('When the profile or status last changed.'),
  },
  { description: 'A person with an account.' },
)

export function presentUser(user: PublicUser, live: Live) {
  const chosen = currentStatus(user, live.now())
  return {
    id: user.id,
    username: user.username,
    name: user.name,
    status: chosen?.status ?? (live.isOnline(user.id) ? ('online' as const) : ('offline' as const)),
    status_text: chosen?.text ?? null,
    status_expires_at: chosen?.expiresAt ?? null,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  }
}

export function presentOwnUser(user: User, live: Live) {
  return { ...presentUser(user, live), email: user.email }
}

type ChosenStatus = { status: UserStatus | null; text: string | null; expiresAt: Timestamp | null }

/** The status that a person chose, while it lasts; the job that clears it may come a little later. */
function currentStatus(user: PublicUser, now: Timestamp): ChosenStatus | undefined {
  const { status, statusText, statusExpiresAt } = user
  if (statusExpiresAt !== null && statusExpiresAt <= now) return undefined
  return { status, text: statusText, expiresAt: statusExpiresAt }
}

/** A list's schema around that of its rows. */
export const ListOf = <S extends Parameters<typeof Type.Array>[0]>(row: S, description: string) =>
  Type.Object(
    {
      data: Type.Array(row),
      next_cursor: OptionalText('Give it as `cursor` for the next page; null on the last.'),
      has_more: Type.Boolean({ description: 'Whether there is a next page.' }),
    },
    { description },
  )

export function presentList<Row, Shown>(
  { rows, nextCursor }: { rows: Row[]; nextCursor: string | null },
  present: (row: Row) => Shown,
) {
  return { data: rows.map(present), next_cursor: nextCursor, has_more: nextCursor !== null }
}

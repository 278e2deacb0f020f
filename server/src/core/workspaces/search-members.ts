import { type RawBuilder, sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import { containsPattern } from '../contains-pattern.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { PageNumber } from '../numbered-page.ts'
import type { User } from '../users/schema.ts'
import { canListMembers, getMembership } from './policy.ts'
import type { Member, Role } from './schema.ts'

export type SearchMembers = PageNumber & {
  workspaceId: string
  /** A part of the name, the username or the email; all members where it is empty. */
  search?: string | undefined
  roles: Role[]
  excludedIds: string[]
}

/** A member with their email, which those who work together see. */
export type Colleague = { user: Pick<User, 'id' | 'username' | 'name' | 'email'>; member: Pick<Member, 'role'> }

/**
 * The members of a workspace by name; with a text to search for, first those whose name or username begins with it. Not
 * for guests.
 */
export async function searchMembers(ctx: Context<UserActor>, input: SearchMembers): Promise<Colleague[]> {
  const { workspaceId, roles, excludedIds, page, pageSize } = input
  const search = input.search?.trim() ?? ''
  const pattern = containsPattern(search, 'search')
  const { member } = await getMembership(ctx, workspaceId)
  if (!canListMembers(member.role)) throw new AppError('permission_denied')
  type Row = Colleague['user'] & Colleague['member']
  const { rows } = await sql<Row>`
    select u.id, u.username, u.name, u.email, m.role
    from members m join users u on u.id = m.user_id
    where m.workspace_id = ${workspaceId} and u.deleted_at is null and m.role = any(${roles}::text[])
      and u.id <> all(${excludedIds}::uuid[])
      and ${search === '' ? sql`true` : sql`lower(concat_ws(' ', u.username, u.name, u.email)) like lower(${pattern})`}
    order by ${search === '' ? sql`` : sql`${rankBy(search)}, `}lower(u.name), u.id
    limit ${pageSize} offset ${(page - 1) * pageSize}`.execute(ctx.db)
  return rows.map(({ role, ...user }) => ({ user, member: { role } }))
}

function rankBy(search: string): RawBuilder<boolean> {
  const begins = sql`starts_with(lower(u.username), lower(${search})) or starts_with(lower(u.name), lower(${search}))`
  return sql`not (${begins})`
}

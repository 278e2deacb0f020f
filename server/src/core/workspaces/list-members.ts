import type { UserActor } from '../actor.ts'
import { containsPattern } from '../contains-pattern.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { readIdCursor } from '../id-cursor.ts'
import { cutPage, type Page } from '../page.ts'
import { findPublicUsers } from '../users/public-users.ts'
import { canListMembers, getMembership } from './policy.ts'
import { MEMBER_COLUMNS } from './queries.ts'
import type { Member, MemberProfile, Role } from './schema.ts'

export type ListMembers = {
  workspaceId: string
  limit: number
  cursor?: string | null
  role?: Role | null
  /** A part of the username or the name. */
  q?: string | null
}

/** The members of a workspace, in the order in which they made their accounts. Not for guests. */
export async function listMembers(ctx: Context<UserActor>, input: ListMembers): Promise<Page<MemberProfile>> {
  const { member } = await getMembership(ctx, input.workspaceId)
  if (!canListMembers(member.role)) throw new AppError('permission_denied')
  const { rows, nextCursor } = cutPage(await readMembers(ctx, input), input.limit, ({ userId }) => [userId])
  const users = await findPublicUsers(
    ctx.db,
    rows.map(({ userId }) => userId),
  )
  return { rows: rows.map((member) => ({ member, user: users.get(member.userId)! })), nextCursor }
}

async function readMembers(ctx: Context<UserActor>, input: ListMembers): Promise<Member[]> {
  const { workspaceId, limit, cursor, role, q } = input
  const after = readIdCursor(cursor)
  const pattern = q ? containsPattern(q, 'q') : undefined
  return ctx.db
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .where('workspaceId', '=', workspaceId)
    .$if(Boolean(role), (query) => query.where('role', '=', role!))
    .$if(pattern !== undefined, (query) =>
      query.where(({ exists, selectFrom }) =>
        exists(
          selectFrom('users')
            .select('id')
            .whereRef('id', '=', 'members.userId')
            .where(({ eb, or }) => or([eb('username', 'ilike', pattern!), eb('name', 'ilike', pattern!)])),
        ),
      ),
    )
    .$if(after !== undefined, (query) => query.where('userId', '>', after!))
    .orderBy('userId')
    .limit(limit + 1)
    .$narrowType<{ role: Role }>()
    .execute()
}

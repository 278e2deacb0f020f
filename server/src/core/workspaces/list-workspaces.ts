import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { readIdCursor } from '../id-cursor.ts'
import { cutPage, type Page } from '../page.ts'
import { MEMBER_COLUMNS, WORKSPACE_COLUMNS } from './queries.ts'
import type { Member, Membership, Role } from './schema.ts'

export type ListWorkspaces = { limit: number; cursor?: string | null }

/** The workspaces that the caller is in, in the order in which they were made. */
export async function listWorkspaces(ctx: Context<UserActor>, input: ListWorkspaces): Promise<Page<Membership>> {
  const { limit, cursor } = input
  const after = readIdCursor(cursor)
  const members = await ctx.db
    .selectFrom('members')
    .select(MEMBER_COLUMNS)
    .where('userId', '=', ctx.actor.id)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('workspaces').select('id').whereRef('id', '=', 'members.workspaceId').where('deletedAt', 'is', null),
      ),
    )
    .$if(after !== undefined, (query) => query.where('workspaceId', '>', after!))
    .orderBy('workspaceId')
    .limit(limit + 1)
    .$narrowType<{ role: Role }>()
    .execute()
  const { rows, nextCursor } = cutPage(members, limit, ({ workspaceId }) => [workspaceId])
  return { rows: await withWorkspaces(ctx, rows), nextCursor }
}

async function withWorkspaces(ctx: Context<UserActor>, members: Member[]): Promise<Membership[]> {
  if (members.length === 0) return []
  const ids = members.map(({ workspaceId }) => workspaceId)
  const rows = await ctx.db.selectFrom('workspaces').select(WORKSPACE_COLUMNS).where('id', 'in', ids).execute()
  const workspaces = new Map(rows.map((workspace) => [workspace.id, workspace]))
  return members.map((member) => ({ workspace: workspaces.get(member.workspaceId)!, member }))
}

import type { UserActor } from '../actor.ts'
import { requireTeam } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import type { PageNumber } from '../numbered-page.ts'
import { MANUAL_ACTION_COLUMNS } from './queries.ts'
import type { ManualAction, ManualActionStatus } from './schema.ts'

export type ListManualActions = PageNumber & { workspaceId: string; status?: ManualActionStatus | undefined }

/** What people are to do in a workspace, what waits longest first, so that new ones move none. */
export async function listManualActions(
  ctx: Context<UserActor>,
  { workspaceId, status, page, pageSize }: ListManualActions,
): Promise<ManualAction[]> {
  await requireTeam(ctx, workspaceId)
  const rows = await ctx.db
    .selectFrom('manualActions')
    .select(MANUAL_ACTION_COLUMNS)
    .where('workspaceId', '=', workspaceId)
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .orderBy('id')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .execute()
  return rows as ManualAction[]
}

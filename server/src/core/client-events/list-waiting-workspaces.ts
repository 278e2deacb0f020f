import type { Database } from '../../platform/database/database.ts'

/** Workspaces with a webhook endpoint that events are sent to. */
export async function listWaitingWorkspaces(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom('webhookEndpoints')
    .select('workspaceId')
    .distinct()
    .where('deletedAt', 'is', null)
    .where('disabledAt', 'is', null)
    .execute()
  return rows.map(({ workspaceId }) => workspaceId)
}

import type { Database } from '../../platform/database/database.ts'
import type { ManualAction } from './schema.ts'

export const MANUAL_ACTION_COLUMNS = [
  'id',
  'workspaceId',
  'conversationId',
  'action',
  'reasonCode',
  'status',
  'assignedTo',
  'createdBy',
  'completedBy',
  'deliveryId',
  'scheduleId',
  'createdAt',
  'updatedAt',
  'completedAt',
] as const

export type ManualActionKey = { workspaceId: string; manualActionId: string }

export async function findManualAction(
  db: Database,
  { workspaceId, manualActionId }: ManualActionKey,
): Promise<ManualAction | undefined> {
  const row = await db
    .selectFrom('manualActions')
    .select(MANUAL_ACTION_COLUMNS)
    .where('id', '=', manualActionId)
    .where('workspaceId', '=', workspaceId)
    .executeTakeFirst()
  return row as ManualAction | undefined
}

/** Undefined where there is one for this delivery or schedule already. */
export async function insertManualAction(db: Database, row: ManualAction): Promise<ManualAction | undefined> {
  const inserted = await db
    .insertInto('manualActions')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning(MANUAL_ACTION_COLUMNS)
    .executeTakeFirst()
  return inserted as ManualAction | undefined
}

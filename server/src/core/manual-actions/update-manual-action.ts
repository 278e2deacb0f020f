import type { UserActor } from '../actor.ts'
import { requireTeam } from '../addresses/policy.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { requireTeammates } from '../contacts/team-fields.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { findManualAction, type ManualActionKey } from './queries.ts'
import type { ManualAction, ManualActionStatus } from './schema.ts'

export type UpdateManualAction = ManualActionKey & {
  /** `failed`: given up. `pending` opens it again. */
  status?: ManualActionStatus | undefined
  /** A member of the workspace who is no guest; null for nobody. */
  assignedTo?: string | null | undefined
}

/** Completes, gives up, reopens or assigns a manual action, announces and audits it. No change announces nothing. */
export async function updateManualAction(ctx: Context<UserActor>, input: UpdateManualAction): Promise<ManualAction> {
  const { conversationId, workspaceId } = await getManualAction(ctx, input)
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, conversationId)
    const before = await getManualAction(ctx, input)
    const { status = before.status, assignedTo = before.assignedTo } = input
    if (status === before.status && assignedTo === before.assignedTo) return before
    // One who has left since may stay where nobody is named anew.
    if (assignedTo !== null && assignedTo !== before.assignedTo) {
      await requireTeammates(ctx, workspaceId, { assigned_to: assignedTo })
    }
    const changed = { status, assignedTo, updatedAt: ctx.now(), ...readEnd(ctx, before, status) }
    await ctx.db.updateTable('manualActions').set(changed).where('id', '=', before.id).execute()
    const manualAction = { ...before, ...changed }
    ctx.record({ type: 'manual_action.updated', streamId: conversationId, workspaceId, data: { manualAction } })
    await recordAudit(ctx, {
      workspaceId,
      action: 'manual_action.update',
      targetType: 'manual_action',
      targetId: before.id,
      before: { status: before.status, assignedTo: before.assignedTo },
      after: { status, assignedTo },
    })
    return manualAction
  })
}

function readEnd(ctx: Context<UserActor>, before: ManualAction, status: ManualActionStatus) {
  if (status === before.status) return { completedBy: before.completedBy, completedAt: before.completedAt }
  if (status === 'pending') return { completedBy: null, completedAt: null }
  return { completedBy: ctx.actor.id, completedAt: ctx.now() }
}

async function getManualAction(ctx: Context<UserActor>, key: ManualActionKey): Promise<ManualAction> {
  await requireTeam(ctx, key.workspaceId)
  const found = await findManualAction(ctx.db, key)
  if (found === undefined) throw new AppError('manual_action_not_found', 'manual_action_id')
  return found
}

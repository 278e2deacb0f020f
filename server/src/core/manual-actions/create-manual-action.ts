import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { type ConversationKey, holdTended } from '../contact-conversations/policy.ts'
import { requireTeammates } from '../contacts/team-fields.ts'
import type { Context } from '../context.ts'
import { parseName } from '../name.ts'
import { insertManualAction } from './queries.ts'
import type { ManualAction } from './schema.ts'

export type CreateManualAction = ConversationKey & {
  /** One line, up to 1,000 characters. */
  action: string
  /** A member of the workspace who is no guest. */
  assignedTo?: string | null | undefined
}

const ACTION = { field: 'action', charactersMax: 1_000 }

/** Writes down what a person is to do in a conversation, announces and audits it. */
export async function createManualAction(ctx: Context<UserActor>, input: CreateManualAction): Promise<ManualAction> {
  const { workspaceId, conversationId, assignedTo = null } = input
  const action = parseName(input.action, ACTION)
  return ctx.transaction(async (ctx) => {
    await holdTended(ctx, { workspaceId, conversationId })
    if (assignedTo !== null) await requireTeammates(ctx, workspaceId, { assigned_to: assignedTo })
    const now = ctx.now()
    const manualAction: ManualAction = {
      id: ctx.newId(),
      workspaceId,
      conversationId,
      action,
      reasonCode: null,
      status: 'pending',
      assignedTo,
      createdBy: ctx.actor.id,
      completedBy: null,
      deliveryId: null,
      scheduleId: null,
      createdAt: now,
      updatedAt: now,
      completedAt: null,
    }
    await insertManualAction(ctx.db, manualAction)
    ctx.record({ type: 'manual_action.updated', streamId: conversationId, workspaceId, data: { manualAction } })
    await recordAudit(ctx, {
      workspaceId,
      action: 'manual_action.create',
      targetType: 'manual_action',
      targetId: manualAction.id,
      before: null,
      after: { conversationId, action, assignedTo },
    })
    return manualAction
  })
}

import { sql } from 'kysely'
import type { Context } from '../context.ts'
import { insertManualAction } from './queries.ts'
import type { Cause, ManualAction } from './schema.ts'

export type RaiseManualAction = Cause & {
  workspaceId: string
  conversationId: string
  deliveryId?: string
  scheduleId?: string
}

/**
 * Tells people that one of them must act, and announces it; once for a delivery or a schedule. Meant for the contact's owner,
 * else for who wrote the message, as far as they are on the team. The caller holds the head of the conversation.
 */
export async function raiseManualAction(ctx: Context, input: RaiseManualAction): Promise<ManualAction | undefined> {
  const { workspaceId, conversationId, code, deliveryId = null, scheduleId = null } = input
  const now = ctx.now()
  const manualAction = await insertManualAction(ctx.db, {
    id: ctx.newId(),
    workspaceId,
    conversationId,
    action: describe(input),
    reasonCode: code,
    status: 'pending',
    assignedTo: await findAssignee(ctx, input),
    createdBy: null,
    completedBy: null,
    deliveryId,
    scheduleId,
    createdAt: now,
    updatedAt: now,
    completedAt: null,
  })
  if (manualAction === undefined) return undefined
  ctx.record({ type: 'manual_action.updated', streamId: conversationId, workspaceId, data: { manualAction } })
  return manualAction
}

const NAMES: Record<string, string> = { sms: 'SMS', whatsapp: 'WhatsApp message', email: 'email' }

function describe({ what, transport, to, reason }: Cause): string {
  const message = `${NAMES[transport] ?? 'message'}${to === null ? '' : ` to ${to}`}`
  const problem = {
    failed: `The ${message} was not delivered.`,
    returned: `The ${message} came back after it was delivered.`,
    unknown: `Nobody can say whether the ${message} arrived.`,
    scheduled: `The scheduled ${message} was not sent.`,
  }[what]
  return `${problem} ${reason}`.trim()
}

async function findAssignee(
  ctx: Context,
  { workspaceId, conversationId, authorUserId }: RaiseManualAction,
): Promise<string | null> {
  const { rows } = await sql<{ userId: string }>`
    select m.user_id from contact_conversations t join contacts c on c.id = t.contact_id
    join members m on m.workspace_id = ${workspaceId} and m.user_id in (c.owner_user_id, ${authorUserId}::uuid)
    where t.conversation_id = ${conversationId} and m.role <> 'guest'
    order by m.user_id = c.owner_user_id desc nulls last limit 1`.execute(ctx.db)
  return rows[0]?.userId ?? null
}

import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { getSchedule } from './get-schedule.ts'
import { endSchedule, findSentMessageId, holdSchedule, type ScheduleKey } from './queries.ts'
import type { Schedule } from './schema.ts'

/**
 * Cancels a scheduled message, announces and audits it; one that is cancelled already stays so. Refused from the moment on at which
 * a node begins to send it: either it is cancelled or it is sent, never both.
 */
export async function cancelSchedule(ctx: Context<UserActor>, key: ScheduleKey): Promise<Schedule> {
  const { conversationId, workspaceId } = await getSchedule(ctx, key)
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, conversationId)
    const { isClaimed, ...before } = (await holdSchedule(ctx.db, key))!
    if (before.status === 'cancelled') return before
    if (before.status === 'failed') throw new AppError('scheduled_message_failed', 'schedule_id')
    if (before.status === 'sent' || isClaimed) throw new AppError('scheduled_message_sent', 'schedule_id')
    // A send whose outcome nobody learned, since the database went away meanwhile.
    const messageId = await findSentMessageId(ctx.db, before)
    const status = messageId === undefined ? ('cancelled' as const) : ('sent' as const)
    const schedule = (await endSchedule(ctx.db, before.id, { status, messageId: messageId ?? null, at: ctx.now() }))!
    ctx.record({ type: 'schedule.updated', streamId: conversationId, workspaceId, data: { schedule } })
    if (status === 'sent') throw new AppError('scheduled_message_sent', { param: 'schedule_id', keepsChanges: true })
    await recordAudit(ctx, {
      workspaceId,
      action: 'scheduled_message.cancel',
      targetType: 'scheduled_message',
      targetId: schedule.id,
      before: { status: before.status, scheduledAt: before.scheduledAt },
      after: { status },
    })
    return schedule
  })
}

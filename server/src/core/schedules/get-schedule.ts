import type { UserActor } from '../actor.ts'
import { requireTeam } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findSchedule, type ScheduleKey } from './queries.ts'
import type { Schedule } from './schema.ts'

/** A scheduled message, whatever became of it, for the team of its workspace. */
export async function getSchedule(ctx: Context<UserActor>, key: ScheduleKey): Promise<Schedule> {
  await requireTeam(ctx, key.workspaceId)
  const schedule = await findSchedule(ctx.db, key)
  if (schedule === undefined) throw new AppError('scheduled_message_not_found', 'schedule_id')
  return schedule
}

import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import { getTended } from '../contact-conversations/policy.ts'
import type { Context } from '../context.ts'
import type { SendToContact } from '../deliveries/outgoing-input.ts'
import { parseOutgoing } from '../deliveries/parse-outgoing.ts'
import { addNewAddress, prepareSend } from '../deliveries/send-to-contact.ts'
import { AppError, invalidField } from '../errors.ts'
import { lockStreams } from '../log/append-events.ts'
import { parseFields } from '../parse-fields.ts'
import { parseMoment } from '../parse-moment.ts'
import { findSchedule, insertSchedule, type ScheduledInput } from './queries.ts'
import type { Schedule } from './schema.ts'

export type ScheduleMessage = Omit<SendToContact, 'clientId'> & {
  /** ISO 8601, in the future, at most 366 days ahead. */
  scheduledAt: string
}

/** Most messages that wait in one conversation. */
export const SCHEDULES_MAX = 500

const AHEAD_MS_MAX = 366 * 24 * 60 * 60 * 1_000
// Uploads are removed when no message took them; theirs is sent late where the server was down.
const FILES_KEPT_MS = 30 * 24 * 60 * 60 * 1_000

/**
 * Writes down a message that is to be sent later in the caller's name, and announces it. Refused like one that is sent now;
 * when it is due, everything is asked again.
 */
export async function scheduleMessage(ctx: Context<UserActor>, input: ScheduleMessage): Promise<Schedule> {
  const { workspaceId, conversationId, transport } = input
  const { scheduledAt } = parseFields({
    scheduledAt: () => parseScheduledAt(input.scheduledAt, ctx.now()),
    outgoing: () => parseOutgoing(input),
  })
  const { contactId } = await getTended(ctx, input)
  return ctx.transaction(async (ctx) => {
    await lockStreams(ctx.db, [conversationId, contactId])
    const prepared = await prepareSend(ctx, input)
    await requireRoom(ctx, conversationId)
    await addNewAddress(ctx, prepared)
    await keepFiles(
      ctx,
      prepared.attachments.map(({ fileId }) => fileId),
      addMs(scheduledAt, FILES_KEPT_MS),
    )
    const id = ctx.newId()
    await insertSchedule(ctx.db, {
      id,
      workspaceId,
      conversationId,
      authorUserId: ctx.actor.id,
      transport,
      input: toKept(input),
      scheduledAt,
      createdAt: ctx.now(),
    })
    const schedule = (await findSchedule(ctx.db, { workspaceId, scheduleId: id }))!
    ctx.record({ type: 'schedule.updated', streamId: conversationId, workspaceId, data: { schedule } })
    return schedule
  })
}

function toKept({ body, to = null, from = null, fileIds = [], email = null }: ScheduleMessage): ScheduledInput {
  return { body, to, from, fileIds, email }
}

function parseScheduledAt(text: string, now: Timestamp): Timestamp {
  const at = parseMoment(text)
  if (at === undefined) throw invalidField('scheduled_at', 'must be a time such as 2026-01-31T09:30:00Z')
  if (at <= now) throw invalidField('scheduled_at', 'must be in the future')
  if (Date.parse(at) - Date.parse(now) > AHEAD_MS_MAX) {
    throw invalidField('scheduled_at', 'must be within a year')
  }
  return at
}

async function requireRoom(ctx: Context, conversationId: string): Promise<void> {
  const { waiting } = await ctx.db
    .selectFrom('scheduledMessages')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('conversationId', '=', conversationId)
    .where('status', '=', 'scheduled')
    .executeTakeFirstOrThrow()
  if (waiting >= SCHEDULES_MAX) throw new AppError('too_many_scheduled_messages')
}

async function keepFiles(ctx: Context, fileIds: string[], until: Timestamp): Promise<void> {
  if (fileIds.length === 0) return
  await sql`
    update files set expires_at = ${until}
    where id = any(${fileIds}::uuid[]) and expires_at < ${until}`.execute(ctx.db)
}

import { type RawBuilder, sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { SendToContact } from '../deliveries/outgoing-input.ts'
import type { Schedule, ScheduleStatus } from './schema.ts'

/** What is kept of what was to be sent. */
export type ScheduledInput = Required<Pick<SendToContact, 'body' | 'to' | 'from' | 'fileIds' | 'email'>>

const SCHEDULE = sql`s.id, s.workspace_id, s.conversation_id, s.author_user_id, s.transport, s.input ->> 'body' as body,
  s.input #>> '{email,subject}' as subject, s.input ->> 'to' as "to", s.input ->> 'from' as "from",
  s.input -> 'fileIds' as file_ids, s.scheduled_at, s.status, s.message_id, s.error_code, s.error_reason, s.created_at,
  s.updated_at`

export async function selectSchedules(db: Database, rest: RawBuilder<unknown>): Promise<Schedule[]> {
  return (await sql<Schedule>`select ${SCHEDULE} from scheduled_messages s ${rest}`.execute(db)).rows
}

export type ScheduleKey = { workspaceId: string; scheduleId: string }

export async function findSchedule(db: Database, key: ScheduleKey): Promise<Schedule | undefined> {
  const where = sql`where s.id = ${key.scheduleId} and s.workspace_id = ${key.workspaceId}`
  return (await selectSchedules(db, where))[0]
}

/** Locks a schedule until the commit; tells whether a node is sending it, or died over that. */
export async function holdSchedule(
  db: Database,
  { workspaceId, scheduleId }: ScheduleKey,
): Promise<(Schedule & { isClaimed: boolean }) | undefined> {
  const { rows } = await sql<Schedule & { isClaimed: boolean }>`
    select ${SCHEDULE}, s.claimed_until is not null as is_claimed from scheduled_messages s
    where s.id = ${scheduleId} and s.workspace_id = ${workspaceId} for update`.execute(db)
  return rows[0]
}

type NewSchedule = Pick<
  Schedule,
  'id' | 'workspaceId' | 'conversationId' | 'authorUserId' | 'transport' | 'scheduledAt' | 'createdAt'
> & { input: ScheduledInput }

export async function insertSchedule(db: Database, { input, ...schedule }: NewSchedule): Promise<void> {
  const { scheduledAt, createdAt } = schedule
  await db
    .insertInto('scheduledMessages')
    .values({ ...schedule, input: JSON.stringify(input), dueAt: scheduledAt, updatedAt: createdAt })
    .execute()
}

type Ending = {
  status: Exclude<ScheduleStatus, 'scheduled'>
  messageId?: string | null
  errorCode?: string | null
  errorReason?: string | null
  at: Timestamp
  /** The claim under which it is ended; another's is left alone. */
  claimedUntil?: Timestamp
}

/** Ends a schedule that still waits; undefined where it does not, or under another claim. */
export async function endSchedule(db: Database, id: string, ending: Ending): Promise<Schedule | undefined> {
  const { status, messageId = null, errorCode = null, errorReason = null, at, claimedUntil } = ending
  const { rows } = await sql<Schedule>`
    update scheduled_messages s set status = ${status}, message_id = ${messageId}::uuid, error_code = ${errorCode},
      error_reason = ${errorReason}, claimed_until = null, updated_at = ${at}
    where s.id = ${id} and s.status = 'scheduled'
      ${claimedUntil === undefined ? sql`` : sql`and s.claimed_until = ${claimedUntil}`}
    returning ${SCHEDULE}`.execute(db)
  return rows[0]
}

/** Gives a claim back: it is tried again at `dueAt`. */
export async function postponeSchedule(
  db: Database,
  { id, leaseEndsAt, dueAt }: { id: string; leaseEndsAt: Timestamp; dueAt: Timestamp },
): Promise<void> {
  await db
    .updateTable('scheduledMessages')
    .set({ dueAt, claimedUntil: null })
    .where('id', '=', id)
    .where('status', '=', 'scheduled')
    .where('claimedUntil', '=', leaseEndsAt)
    .execute()
}

/** Every message that comes of a schedule has this client id, however often it is tried. */
export function clientIdOf(scheduleId: string): string {
  return `${CLIENT_ID_PREFIX}${scheduleId}`
}

export const CLIENT_ID_PREFIX = 'schedule:'

/** The message that came of a schedule, also where nobody could write that down. */
export async function findSentMessageId(
  db: Database,
  { id, authorUserId }: Pick<Schedule, 'id' | 'authorUserId'>,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('messages')
    .select('id')
    .where('authorId', '=', authorUserId)
    .where('clientId', '=', clientIdOf(id))
    .executeTakeFirst()
  return row?.id
}

import { type RawBuilder, sql } from 'kysely'
import { unreadCount } from '../../core/conversations/views.ts'
import type { DatabasePool } from '../../platform/database/database.ts'
import { type Snapshot, type SnapshotRow, toSnapshot } from '../snapshot.ts'
import type { ReadSnapshot } from './person.ts'

export type ReadUserSnapshot = ReadSnapshot & { userId: string; sessionId: string }

type Row = SnapshotRow & { isSessionOpen: boolean }

/**
 * Undefined where the session has ended. One statement sees one state of the database, and positions rise in commit
 * order. So this is exactly what all events up to the place have made: between it and the events after the place
 * nothing is lost, nothing comes twice.
 */
export async function readUserSnapshot(
  { kysely }: DatabasePool,
  input: ReadUserSnapshot,
): Promise<Snapshot | undefined> {
  const { rows } = await selectStreams(input).execute(kysely)
  return rows[0]?.isSessionOpen ? toSnapshot(rows, input) : undefined
}

function selectStreams({ userId, sessionId, withCounts, streamsMax, nowMs }: ReadUserSnapshot): RawBuilder<Row> {
  return sql<Row>`
    with roles as materialized (
      select m.workspace_id, m.role from members m join workspaces w on w.id = m.workspace_id
      where m.user_id = ${userId} and w.deleted_at is null
    ), p as materialized (
      select ${userId}::uuid as conversation_id, null::uuid as workspace_id, null::bigint as read_ordinal
      union all
      select workspace_id, workspace_id, null from roles where role <> 'guest'
      union all
      select c.id, c.workspace_id, p.read_ordinal
      from participants p join conversations c on c.id = p.conversation_id
      where p.user_id = ${userId} and c.deleted_at is null
        and (c.workspace_id is null or c.workspace_id in (select workspace_id from roles))
    ), mentioned as (
      select conversation_id, count(*) as mentions from notifications
      where ${withCounts} and recipient_user_id = ${userId} and read_at is null and type = 'mention'
      group by conversation_id
    ), log as (
      select position, created_at from events order by position desc limit 1
    )
    select s.id, s.kind, p.workspace_id, s.event_seq as head, coalesce(p.read_ordinal, 0) as read,
      case when ${withCounts} and s.message_count > p.read_ordinal then ${unreadCount(userId)} else 0 end as unread,
      coalesce(n.mentions, 0) as mentions,
      (select position from log), (select created_at from log),
      exists (
        select from sessions where id = ${sessionId} and user_id = ${userId} and revoked_at is null
          and expires_at > ${new Date(nowMs).toISOString()}
      ) as is_session_open
    from p join streams s on s.id = p.conversation_id left join mentioned n on n.conversation_id = s.id
    order by s.kind = 'conversation', s.last_message_at desc nulls last, s.id
    limit ${streamsMax + 1}`
}

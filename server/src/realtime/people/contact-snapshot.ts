import { sql } from 'kysely'
import type { ContactActor } from '../../core/actor.ts'
import type { DatabasePool } from '../../platform/database/database.ts'
import { type Snapshot, type SnapshotRow, toSnapshot } from '../snapshot.ts'
import type { ReadSnapshot } from './person.ts'

type ReadContactSnapshot = Pick<ReadSnapshot, 'streamsMax' | 'nowMs'> & { actor: ContactActor }

/**
 * A contact's own stream and those of the conversations that their token opens, at one place of the log: one statement
 * sees one state of the database. Undefined where the contact is gone.
 */
export async function readContactSnapshot(
  { kysely }: DatabasePool,
  { actor, ...input }: ReadContactSnapshot,
): Promise<Snapshot | undefined> {
  const { id, workspaceId, conversationIds } = actor
  const { rows } = await sql<SnapshotRow>`
    with me as materialized (
      select id, workspace_id from contacts
      where id = ${id} and workspace_id = ${workspaceId} and deleted_at is null
    ), p as materialized (
      select id as stream_id from me
      union all
      select c.id from me
      join contact_participants p on p.contact_id = me.id
      join conversations c on c.id = p.conversation_id and c.workspace_id = me.workspace_id
      where c.kind = 'customer' and c.deleted_at is null
        and (${conversationIds === null} or c.id = any(${conversationIds ?? []}::uuid[]))
    ), log as (
      select position, created_at from events order by position desc limit 1
    )
    select s.id, s.kind, ${workspaceId}::uuid as workspace_id, s.event_seq as head,
      0 as read, 0 as unread, 0 as mentions, (select position from log), (select created_at from log)
    from p join streams s on s.id = p.stream_id
    order by s.kind = 'conversation', s.last_message_at desc nulls last, s.id
    limit ${input.streamsMax + 1}`.execute(kysely)
  return rows.length === 0 ? undefined : toSnapshot(rows, input)
}

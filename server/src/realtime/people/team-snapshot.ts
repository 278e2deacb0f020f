import { sql } from 'kysely'
import type { DatabasePool } from '../../platform/database/database.ts'
import { type Snapshot, type SnapshotRow, toSnapshot } from '../snapshot.ts'
import { timelinesOf } from '../timelines.ts'

type ReadTeamSnapshot = { userId: string; sessionId: string; workspaceId: string; nowMs: number }

/**
 * All timelines of a workspace, for one of its members other than guests, at one place of the log: one statement sees one
 * state of the database. However many there are, they are one thing to follow. Undefined where the session has ended, or
 * the membership since it was checked.
 */
export async function readTeamSnapshot(
  { kysely }: DatabasePool,
  { userId, sessionId, workspaceId, nowMs }: ReadTeamSnapshot,
): Promise<Snapshot | undefined> {
  const { rows } = await sql<Pick<SnapshotRow, 'position' | 'createdAt'>>`
    with log as (
      select position, created_at from events order by position desc limit 1
    )
    select (select position from log), (select created_at from log)
    from members m join workspaces w on w.id = m.workspace_id
    where m.workspace_id = ${workspaceId} and m.user_id = ${userId} and m.role <> 'guest' and w.deleted_at is null
      and exists (
        select from sessions where id = ${sessionId} and user_id = ${userId} and revoked_at is null
          and expires_at > ${new Date(nowMs).toISOString()}
      )`.execute(kysely)
  const counts = { head: 0, read: 0, unread: 0, mentions: 0 }
  const streams = rows.map((row) => ({ ...timelinesOf(workspaceId), ...counts, ...row }))
  return streams.length === 0 ? undefined : toSnapshot(streams, { streamsMax: 1, nowMs })
}

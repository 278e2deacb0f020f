import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'

/**
 * The workspace that is meant where a caller names none: of those where they are more than a guest the one that they
 * joined first, so that a later invitation changes nothing; else the first of the others.
 */
export async function getDefaultWorkspaceId({ db, actor }: Context<UserActor>): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select w.id from members m join workspaces w on w.id = m.workspace_id
    where m.user_id = ${actor.id} and w.deleted_at is null
    order by m.role = 'guest', m.joined_at, w.id limit 1`.execute(db)
  if (rows[0] === undefined) throw new AppError('workspace_not_found', 'workspace_id')
  return rows[0].id
}

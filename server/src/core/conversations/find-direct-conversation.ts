import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { CONVERSATION_COLUMNS } from './queries.ts'
import type { Conversation, ConversationKind } from './schema.ts'

/**
 * The caller's direct conversation with somebody; undefined where they never opened one, and could. Whom the caller
 * shares no workspace with does not exist for them, unless they have spoken before.
 */
export async function findDirectConversation(
  ctx: Context<UserActor>,
  { userId }: { userId: string },
): Promise<Conversation | undefined> {
  const conversation = await findByKey(ctx.db, directKey(ctx.actor.id, userId))
  if (conversation !== undefined) return conversation
  const isReachable = userId === ctx.actor.id || (await shareWorkspace(ctx.db, ctx.actor.id, userId))
  if (!isReachable) throw new AppError('user_not_found', 'user_id')
  return undefined
}

/** By it a pair of people has one direct conversation, whichever of them asks. */
export function directKey(userId: string, otherUserId: string): string {
  return userId < otherUserId ? `${userId}:${otherUserId}` : `${otherUserId}:${userId}`
}

export async function findByKey(db: Database, key: string): Promise<Conversation | undefined> {
  return db
    .selectFrom('conversations')
    .select(CONVERSATION_COLUMNS)
    .where('directKey', '=', key)
    .$narrowType<{ kind: ConversationKind }>()
    .executeTakeFirst()
}

async function shareWorkspace(db: Database, userId: string, otherUserId: string): Promise<boolean> {
  const { rows } = await sql`
    select from members a
    join members b on b.workspace_id = a.workspace_id
    join workspaces w on w.id = a.workspace_id and w.deleted_at is null
    join users u on u.id = b.user_id and u.deleted_at is null
    where a.user_id = ${userId} and b.user_id = ${otherUserId}
    limit 1`.execute(db)
  return rows.length === 1
}

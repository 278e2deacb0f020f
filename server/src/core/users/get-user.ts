import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findUser } from './queries.ts'
import type { PublicUser } from './schema.ts'

/** Somebody whom the caller shares a workspace or a conversation with; everybody else does not exist for them. */
export async function getUser(ctx: Context<UserActor>, { userId }: { userId: string }): Promise<PublicUser> {
  const found = await findUser(ctx.db, userId)
  const isVisible = found !== undefined && (userId === ctx.actor.id || (await shareSomething(ctx, userId)))
  if (!isVisible) throw new AppError('user_not_found', 'user_id')
  const { email: _, ...user } = found
  return user
}

async function shareSomething(ctx: Context<UserActor>, userId: string): Promise<boolean> {
  const { rows } = await sql`
    select from members a
    join members b on b.workspace_id = a.workspace_id
    join workspaces w on w.id = a.workspace_id
    where a.user_id = ${ctx.actor.id} and b.user_id = ${userId} and w.deleted_at is null
    union all
    select from participants a
    join participants b on b.conversation_id = a.conversation_id
    join conversations c on c.id = a.conversation_id
    where a.user_id = ${ctx.actor.id} and b.user_id = ${userId} and c.deleted_at is null
    limit 1`.execute(ctx.db)
  return rows.length > 0
}

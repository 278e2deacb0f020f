import { requireTeam, type TeamActor } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'

/** The id of the contact whose conversation it is, for the team of its workspace. */
export async function getConversationContactId(
  ctx: Context<TeamActor>,
  { workspaceId, conversationId }: { workspaceId: string; conversationId: string },
): Promise<string> {
  await requireTeam(ctx, workspaceId)
  const row = await ctx.db
    .selectFrom('contactConversations')
    .select('contactId')
    .where('conversationId', '=', conversationId)
    .where('workspaceId', '=', workspaceId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('conversation_not_found', 'conversation_id')
  return row.contactId
}

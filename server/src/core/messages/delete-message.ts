import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStreams } from '../log/append-events.ts'
import { listUnreadRecipientIds, readNotificationsOf } from '../notifications/read-notifications-of.ts'
import { keepRevision } from './keep-revision.ts'
import { canModerate, getReadableMessage, isAuthor } from './policy.ts'
import { findMessage, MESSAGE_COLUMNS } from './queries.ts'
import type { Message } from './schema.ts'

/**
 * Takes a message's text, files and reactions away; its place in the history, its replies and its thread's counters
 * stay. Announced to the conversation; who was notified of it and has not read it has nothing to read any more.
 * Deleting twice is the same as once. Audited where somebody else than the author does it.
 */
export async function deleteMessage(ctx: Context<UserActor>, { messageId }: { messageId: string }): Promise<Message> {
  const { message, access } = await getReadableMessage(ctx, messageId)
  if (!canModerate(message, access, ctx.actor.id)) throw new AppError('permission_denied', 'message_id')
  if (message.deletedAt !== null) return message
  const { conversationId, workspaceId } = message
  const recipientIds = await listUnreadRecipientIds(ctx.db, messageId)

  return ctx.transaction(async (ctx) => {
    await lockStreams(ctx.db, [conversationId, ...recipientIds])
    const current = (await findMessage(ctx.db, messageId))!
    if (current.deletedAt !== null) return current

    const deletedAt = ctx.now()
    await keepRevision(ctx, current, deletedAt)
    await dropFiles(ctx, messageId)
    await ctx.db.deleteFrom('reactions').where('messageId', '=', messageId).execute()
    const deleted = await emptyMessage(ctx, messageId, deletedAt)
    ctx.record({ type: 'message.deleted', streamId: conversationId, workspaceId, data: { message: deleted } })
    await readNotificationsOf(ctx, messageId)
    if (!isAuthor(message, ctx.actor.id)) await auditDeletion(ctx, current)
    return deleted
  })
}

async function emptyMessage(ctx: Context<UserActor>, messageId: string, deletedAt: Timestamp): Promise<Message> {
  const { rows } = await sql<Message>`
    update messages set body = '', mentions = '[]', attachments = '[]', reaction_count = 0,
      deleted_at = ${deletedAt}, updated_at = ${deletedAt}
    where id = ${messageId}
    returning ${sql.raw(MESSAGE_COLUMNS)}`.execute(ctx.db)
  return rows[0]!
}

/** Nobody sees the files by this message any more; those that no other message carries may be removed. */
async function dropFiles(ctx: Context<UserActor>, messageId: string): Promise<void> {
  const dropped = await ctx.db
    .deleteFrom('messageFiles')
    .where('messageId', '=', messageId)
    .returning('fileId')
    .execute()
  if (dropped.length === 0) return
  await ctx.db
    .updateTable('files')
    .set({ expiresAt: ctx.now() })
    .where(
      'id',
      'in',
      dropped.map(({ fileId }) => fileId),
    )
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('messageFiles').select('fileId').whereRef('messageFiles.fileId', '=', 'files.id'))),
    )
    .execute()
}

async function auditDeletion(ctx: Context<UserActor>, { id, workspaceId, conversationId, authorId }: Message) {
  await recordAudit(ctx, {
    workspaceId,
    action: 'message.delete',
    targetType: 'message',
    targetId: id,
    // Never the text: the trail outlives what was deleted for good reason.
    before: { conversationId, authorId },
    after: null,
  })
}

import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStreams } from '../log/append-events.ts'
import { addNotifications } from '../notifications/add-notifications.ts'
import { keepRevision } from './keep-revision.ts'
import { findMentions } from './mentions.ts'
import { requireStorableText } from './message-text.ts'
import { listMentionedIds } from './notices.ts'
import { getReadableMessage, isAuthor, requireOpen } from './policy.ts'
import { findMessage, MESSAGE_COLUMNS } from './queries.ts'
import type { Mention, Message } from './schema.ts'

export type EditMessage = {
  messageId: string
  body: string
  /** The revision that the caller has seen: refused with `edit_conflict` where it is not the current one. */
  revision?: number | null
}

/**
 * Changes the text of one's own message and keeps the old one. Announced to the conversation, and as a notification
 * to people whom only the new text mentions. The same text again changes and announces nothing.
 */
export async function editMessage(ctx: Context<UserActor>, input: EditMessage): Promise<Message> {
  const { messageId, body, revision = null } = input
  requireStorableText(body, 'body')
  const { message, access } = await getReadableMessage(ctx, messageId)
  if (!isAuthor(message, ctx.actor.id)) throw new AppError('permission_denied', 'message_id')
  requireOpen(access)
  const mentions = await findMentions(ctx, access.conversation, body)
  const mentionedIds = await listMentionedIds(ctx, message.conversationId, newMentions(message.mentions, mentions))
  const recipientIds = mentionedIds.filter((id) => id !== ctx.actor.id)

  return ctx.transaction(async (ctx) => {
    await lockStreams(ctx.db, [message.conversationId, ...recipientIds])
    const current = (await findMessage(ctx.db, messageId))!
    if (current.deletedAt !== null) throw new AppError('message_deleted', 'message_id')
    if (current.body === body) return current
    if (revision !== null && revision !== current.revision) throw new AppError('edit_conflict', 'revision')
    if (body.trim() === '' && current.attachments.length === 0) throw new AppError('message_empty', 'body')

    const editedAt = ctx.now()
    await keepRevision(ctx, current, editedAt)
    const edited = await updateText(ctx, current, { body, mentions, editedAt })
    const { conversationId, workspaceId } = edited
    ctx.record({ type: 'message.updated', streamId: conversationId, workspaceId, data: { message: edited } })
    await addNotifications(ctx, { message: edited, type: 'mention', recipientIds })
    return edited
  })
}

function newMentions(before: Mention[], after: Mention[]): Mention[] {
  const known = new Set(before.map(keyOf))
  return after.filter((mention) => !known.has(keyOf(mention)))
}

function keyOf(mention: Mention): string {
  return mention.kind === 'user' ? mention.userId : mention.kind
}

async function updateText(
  ctx: Context<UserActor>,
  { id }: Message,
  { body, mentions, editedAt }: Pick<Message, 'body' | 'mentions' | 'editedAt'>,
): Promise<Message> {
  const { rows } = await sql<Message>`
    update messages set body = ${body}, mentions = ${JSON.stringify(mentions)}::jsonb, revision = revision + 1,
      edited_at = ${editedAt}, updated_at = ${editedAt}
    where id = ${id}
    returning ${sql.raw(MESSAGE_COLUMNS)}`.execute(ctx.db)
  return rows[0]!
}

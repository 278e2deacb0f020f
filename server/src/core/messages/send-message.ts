import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { joinConversation } from '../conversations/join-conversation.ts'
import { getWritable } from '../conversations/policy.ts'
import { AppError } from '../errors.ts'
import { getAttachments } from '../files/queries.ts'
import type { Written } from './draft.ts'
import { findMentions } from './mentions.ts'
import { requireStorableText } from './message-text.ts'
import { decideNotices } from './notices.ts'
import { findThreadRoot } from './queries.ts'

export type SendMessage = {
  conversationId: string
  body: string
  /** Any message of the thread that this answers; a reply's thread is that of its root. */
  parentId?: string | null
  /** The sender's own completed uploads. */
  fileIds?: string[]
  /** The sender's name for this message: a second send with it answers with the first one's message. */
  clientId?: string | null
}

/**
 * Sends a message. Announced to the conversation, and as a notification to whom it mentions or answers. Who
 * writes in a public channel joins it.
 */
export async function sendMessage(ctx: Context<UserActor>, input: SendMessage): Promise<Written> {
  const { body, parentId, clientId = null } = input
  requireContent(input)
  const access = await getWritable(ctx, input.conversationId, 'conversation_id')
  const { id: conversationId, workspaceId } = access.conversation
  const root = parentId ? await findThreadRoot(ctx.db, parentId, conversationId) : null
  if (root === undefined) throw new AppError('thread_root_not_found', 'parent_message_id')
  const attachments = await getAttachments(ctx, input.fileIds ?? [])
  if (!access.isParticipant) await joinConversation(ctx, { conversationId })

  const mentions = await findMentions(ctx, access.conversation, body)
  const notices = await decideNotices(ctx, { access, mentions, rootId: root?.id ?? null })
  return ctx.ports.messageWriter.write({
    id: ctx.newId(),
    conversationId,
    workspaceId,
    authorKind: 'user',
    authorId: ctx.actor.id,
    kind: 'text',
    body,
    rootId: root?.id ?? null,
    mentions,
    attachments,
    metadata: null,
    clientId,
    createdAt: ctx.now(),
    notices,
  })
}

/** Refuses what cannot be a message in any conversation. */
export function requireContent({ body, fileIds = [], clientId = null }: Omit<SendMessage, 'conversationId'>): void {
  requireStorableText(body, 'body')
  if (clientId !== null) requireStorableText(clientId, 'client_id')
  if (body.trim() === '' && fileIds.length === 0) throw new AppError('message_empty', 'body')
}

import { type Static, Type } from 'typebox'
import type { Context } from '../../core/context.ts'
import type { FilesPort } from '../../core/files/file-urls.ts'
import type { HistoryPage } from '../../core/messages/list-messages.ts'
import type { Mention, Message } from '../../core/messages/schema.ts'
import { listReactionsOf } from '../../core/reactions/queries.ts'
import type { Reaction } from '../../core/reactions/schema.ts'
import { Id, ListOf, OptionalId, OptionalText, OptionalTime, Time } from './present.ts'
import { AttachmentObject, presentAttachment } from './present-attachment.ts'

export const ReactionObject = Type.Object(
  {
    id: Id('The reaction.'),
    message_id: Id('The message.'),
    user_id: Id('Who reacted.'),
    reaction_content: Type.String({ description: 'An emoji, a sign or a short word; 1 to 64 characters.' }),
    created_at: Time('When.'),
    updated_at: Time('The same: reactions are added and removed, never changed.'),
  },
  { description: 'One person’s reaction to a message.' },
)

const MentionObject = Type.Object(
  {
    type: Type.Enum(['user', 'channel', 'here'], { description: 'A person, everybody, or everybody online.' }),
    user_id: Type.Optional(Id('The person, for `user`.')),
    username: Type.Optional(Type.String({ description: 'Their name when the message was written, for `user`.' })),
  },
  { description: 'Whom the text mentions.' },
)

/** The same for whoever looks at it, so that a page can be made once for all. */
export const MessageObject = Type.Object(
  {
    id: Id('The message.'),
    channel_id: Id('The channel or direct conversation.'),
    workspace_id: OptionalId('The workspace; null in direct conversations.'),
    user_id: Id('Who wrote it.'),
    body: Type.String({ description: 'The text as it was sent, up to 40,000 characters; empty once deleted.' }),
    parent_message_id: OptionalId('The thread’s root, for a reply.'),
    thread_reply_count: Type.Integer({ description: 'How many replies were written, for a root.' }),
    thread_last_reply_at: OptionalTime('When the last of them was written.'),
    attachments: Type.Array(AttachmentObject, { description: 'Up to 10.' }),
    reactions: Type.Array(ReactionObject, { description: 'The first 100, oldest first.' }),
    reaction_count: Type.Integer({ description: 'How many there are in all.' }),
    mentions: Type.Array(MentionObject),
    client_id: OptionalText('The sender’s own name for it.'),
    sequence: Type.Integer({ description: 'Its place in the channel: 1, 2, 3 … without a gap.' }),
    revision: Type.Integer({ description: 'How often it was edited.' }),
    created_at: Time('When it was sent.'),
    updated_at: Time('When it was last edited or deleted, else when it was sent.'),
    edited_at: OptionalTime('When it was last edited.'),
    deleted_at: OptionalTime('When it was deleted.'),
  },
  { description: 'A message. A deleted one keeps its place, without its text, attachments and reactions.' },
)

export type MessageJson = Static<typeof MessageObject>

export const MessageList = ListOf(MessageObject, 'Messages.')

export const HistoryList = Type.Object(
  {
    ...MessageList.properties,
    previous_cursor: Type.Optional(
      OptionalText('Of a page `around` something: give it as `cursor` with the other `order` to go the other way.'),
    ),
  },
  { description: 'A part of a history.' },
)

export function presentMessage(
  message: Message,
  { reactions, files }: { reactions: Reaction[]; files: FilesPort },
): MessageJson {
  return {
    id: message.id,
    channel_id: message.conversationId,
    workspace_id: message.workspaceId,
    user_id: message.authorId,
    body: message.body,
    parent_message_id: message.rootId,
    thread_reply_count: message.replyCount,
    thread_last_reply_at: message.lastReplyAt,
    attachments: message.attachments.map((attachment) => presentAttachment(attachment, message, files)),
    reactions: reactions.map(presentReaction),
    reaction_count: message.reactionCount,
    mentions: message.mentions.map(presentMention),
    client_id: message.clientId,
    sequence: message.ordinal,
    revision: message.revision,
    created_at: message.createdAt,
    updated_at: message.updatedAt,
    edited_at: message.editedAt,
    deleted_at: message.deletedAt,
  }
}

/** Messages with their reactions, which are looked up only where there are any. */
export async function presentMessages(ctx: Context, messages: Message[]): Promise<MessageJson[]> {
  const { files } = ctx.ports
  const reacted = messages.filter(({ reactionCount }) => reactionCount > 0).map(({ id }) => id)
  if (reacted.length === 0) return messages.map((message) => presentMessage(message, { reactions: [], files }))
  const reactions = await listReactionsOf(ctx.db, reacted)
  return messages.map((message) => presentMessage(message, { reactions: reactions.get(message.id) ?? [], files }))
}

export async function presentOneMessage(ctx: Context, message: Message): Promise<MessageJson> {
  const [presented] = await presentMessages(ctx, [message])
  return presented!
}

export async function presentMessageList(
  ctx: Context,
  { rows, nextCursor }: { rows: Message[]; nextCursor: string | null },
): Promise<Static<typeof MessageList>> {
  return { data: await presentMessages(ctx, rows), next_cursor: nextCursor, has_more: nextCursor !== null }
}

export async function presentHistory(ctx: Context, page: HistoryPage): Promise<Static<typeof HistoryList>> {
  return { ...(await presentMessageList(ctx, page)), previous_cursor: page.previousCursor }
}

export function presentReaction({
  id,
  messageId,
  userId,
  content,
  createdAt,
}: Reaction): Static<typeof ReactionObject> {
  return {
    id,
    message_id: messageId,
    user_id: userId,
    reaction_content: content,
    created_at: createdAt,
    updated_at: createdAt,
  }
}

function presentMention(mention: Mention): Static<typeof MentionObject> {
  if (mention.kind !== 'user') return { type: mention.kind }
  return { type: 'user', user_id: mention.userId, username: mention.username }
}

import { type Static, Type } from 'typebox'
import type { Context } from '../../core/context.ts'
import type { DirectConversation } from '../../core/conversations/schema.ts'
import type { Page } from '../../core/page.ts'
import { liveOf } from './live.ts'
import { Id, ListOf, OptionalTime, presentUser, Time, UserObject } from './present.ts'
import { MessageObject, presentMessages } from './present-message.ts'

const DmObject = Type.Object(
  {
    id: Id('The conversation; where a channel’s id is asked for, it can be given too.'),
    channel_id: Id('The same.'),
    user: UserObject,
    unread_count: Type.Integer({ description: 'Messages of the other that you have not read, up to 1,000.' }),
    last_message: Type.Union([MessageObject, Type.Null()], { description: 'The newest that was not deleted.' }),
    last_message_at: OptionalTime('When the newest message was sent.'),
    created_at: Time('When it was opened.'),
    updated_at: Time('When it was last active.'),
  },
  { description: 'A direct conversation: `user` is the other person, yourself in your notebook.' },
)

export const DmList = ListOf(DmObject, 'Direct conversations, latest activity first.')

export async function presentDms(
  ctx: Context,
  { rows, nextCursor }: Page<DirectConversation>,
): Promise<Static<typeof DmList>> {
  const live = liveOf(ctx)
  const lastMessages = rows.flatMap(({ lastMessage }) => lastMessage ?? [])
  const presented = new Map((await presentMessages(ctx, lastMessages)).map((message) => [message.id, message]))
  const data = rows.map(({ conversation, user, unreadCount, lastMessage, lastMessageAt }) => ({
    id: conversation.id,
    channel_id: conversation.id,
    user: presentUser(user, live),
    unread_count: unreadCount,
    last_message: (lastMessage && presented.get(lastMessage.id)) ?? null,
    last_message_at: lastMessageAt,
    created_at: conversation.createdAt,
    updated_at: lastMessageAt ?? conversation.updatedAt,
  }))
  return { data, next_cursor: nextCursor, has_more: nextCursor !== null }
}

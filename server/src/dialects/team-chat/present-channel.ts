import { Type } from 'typebox'
import type { Conversation, ConversationView, ParticipantProfile } from '../../core/conversations/schema.ts'
import { Id, type Live, OptionalId, OptionalText, OptionalTime, presentUser, Time, UserObject } from './present.ts'

export const ChannelObject = Type.Object(
  {
    id: Id('The channel.'),
    workspace_id: OptionalId('Its workspace; null for a direct conversation.'),
    kind: Type.String({ description: '`channel`, or `direct` for a direct conversation.' }),
    name: OptionalText('1–80 characters, without `#`; null for a direct conversation.'),
    description: OptionalText('Up to 1,000 characters.'),
    is_private: Type.Boolean({ description: 'Only its members can see it.' }),
    is_member: Type.Boolean({ description: 'Whether you are in it.' }),
    created_by: OptionalId('Who made it.'),
    unread_count: Type.Integer({ description: 'Messages of others that you have not read, up to 1,000.' }),
    last_message_at: OptionalTime('When the newest message was sent.'),
    created_at: Time('When it was made.'),
    updated_at: Time('When its name, description or privacy last changed.'),
  },
  { description: 'A channel as you see it.' },
)

export function presentChannel(view: ConversationView) {
  return {
    ...presentBareChannel(view),
    is_member: view.isParticipant,
    unread_count: view.unreadCount,
    last_message_at: view.lastMessageAt,
  }
}

/** What is the same for everybody who sees the channel, as in events. */
export function presentBareChannel(conversation: Conversation) {
  return {
    id: conversation.id,
    workspace_id: conversation.workspaceId,
    kind: conversation.kind,
    name: conversation.name,
    description: conversation.description,
    is_private: conversation.isPrivate,
    created_by: conversation.createdBy,
    created_at: conversation.createdAt,
    updated_at: conversation.updatedAt,
  }
}

export const ChannelMemberObject = Type.Object(
  {
    id: Id('The user’s id.'),
    channel_id: Id('The channel.'),
    user_id: Id('The user.'),
    user: UserObject,
    joined_at: Time('When they came into it.'),
  },
  { description: 'A person in a channel.' },
)

export function presentChannelMember({ participant, user }: ParticipantProfile, live: Live) {
  return {
    id: participant.userId,
    channel_id: participant.conversationId,
    user_id: participant.userId,
    user: presentUser(user, live),
    joined_at: participant.joinedAt,
  }
}

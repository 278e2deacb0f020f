import type { Conversation } from '../../core/conversations/schema.ts'
import type { LoggedEvent } from '../../core/log/events.ts'
import type { Message } from '../../core/messages/schema.ts'
import type { Notification } from '../../core/notifications/schema.ts'
import type { Reaction } from '../../core/reactions/schema.ts'
import type { PublicUser, User } from '../../core/users/schema.ts'
import type { Member, Workspace } from '../../core/workspaces/schema.ts'
import type { Refusal, Step } from '../protocol.ts'

/** The dialect's own objects; app.ts brings them, since the engine knows no dialect. */
export type TeamChatObjects = {
  message(message: Message): object
  reaction(reaction: Reaction): object
  channel(conversation: Conversation): object
  workspace(workspace: Workspace): object
  membership(membership: { workspace: Workspace; member: Member }): object
  user(user: PublicUser): object
  ownUser(user: User): object
  notification(notification: Notification): object
  failure(refusal: Pick<Refusal, 'code' | 'message' | 'param' | 'fields'>): object
}

type OtherEvent = Extract<
  LoggedEvent,
  {
    type:
      | `contact.${string}`
      | `contact_conversation.${string}`
      | `consent.${string}`
      | `client.${string}`
      | `delivery.${string}`
      | `schedule.${string}`
      | `manual_action.${string}`
      | 'conversation.opened'
  }
>
/** What stands in the streams that people follow here; those of contacts and clients nobody can see. */
export type TeamChatEvent = Exclude<LoggedEvent, OtherEvent>

const OTHERS =
  /^(contact|contact_conversation|consent|client|delivery|schedule|manual_action)\.|^(conversation\.opened|hidden)$/

export function isTeamChatEvent(event: Step): event is TeamChatEvent {
  return !OTHERS.test(event.type)
}

/** The name and the data that team-chat's socket gives to an event of the log. */
export function presentTeamChatEvent(objects: TeamChatObjects, event: TeamChatEvent): { event: string; data: object } {
  switch (event.type) {
    case 'message.created': {
      const { message } = event.data
      return { event: message.rootId === null ? 'NEW_MESSAGE' : 'THREAD_RESPONSE', data: objects.message(message) }
    }
    case 'message.updated':
      return { event: 'MESSAGE_UPDATED', data: objects.message(event.data.message) }
    case 'message.deleted':
      return { event: 'MESSAGE_DELETED', data: objects.message(event.data.message) }
    case 'reaction.added':
    case 'reaction.removed': {
      const data = { ...objects.reaction(event.data.reaction), channel_id: event.data.conversationId }
      return { event: event.type === 'reaction.added' ? 'REACTION_ADDED' : 'REACTION_REMOVED', data }
    }
    case 'conversation.created':
      return { event: 'CHANNEL_CREATED', data: objects.channel(event.data.conversation) }
    case 'conversation.updated':
      return { event: 'CHANNEL_UPDATED', data: objects.channel(event.data.conversation) }
    case 'conversation.deleted':
      return { event: 'CHANNEL_DELETED', data: objects.channel(event.data.conversation) }
    case 'conversation.hidden':
      return { event: 'CHANNEL_HIDDEN', data: { channel_id: event.data.conversationId } }
    case 'conversation.joined':
      return { event: 'CHANNEL_JOINED', data: { ...objects.channel(event.data.conversation), is_member: true } }
    case 'conversation.left':
      return { event: 'CHANNEL_LEFT', data: { channel_id: event.data.conversationId } }
    case 'conversation.read': {
      const data = { channel_id: event.data.conversationId, read_sequence: event.data.readOrdinal }
      return { event: 'CHANNEL_READ', data }
    }
    case 'notification.created':
    case 'notification.updated':
      return { event: 'NOTIFICATION', data: objects.notification(event.data.notification) }
    case 'notifications.read': {
      const data = { notification_ids: event.data.notificationIds, read_at: event.data.readAt }
      return { event: 'NOTIFICATIONS_READ', data }
    }
    case 'session.revoked':
      return { event: 'SESSION_REVOKED', data: { session_id: event.data.sessionId } }
    default:
      return presentPeopleEvent(objects, event)
  }
}

type PeopleEvent = Extract<
  LoggedEvent,
  { type: `participant.${string}` | `member.${string}` | `workspace.${string}` | 'user.updated' }
>

function presentPeopleEvent(objects: TeamChatObjects, event: PeopleEvent): { event: string; data: object } {
  switch (event.type) {
    case 'participant.joined': {
      const { conversationId, userId, joinedAt } = event.data.participant
      return { event: 'MEMBER_JOINED', data: { channel_id: conversationId, user_id: userId, joined_at: joinedAt } }
    }
    case 'participant.left': {
      const { conversationId, userId } = event.data
      return { event: 'MEMBER_LEFT', data: { channel_id: conversationId, user_id: userId } }
    }
    case 'member.joined': {
      const { member, user } = event.data
      const { workspaceId, userId, role, joinedAt } = member
      const ids = { workspace_id: workspaceId, user_id: userId }
      return { event: 'MEMBER_JOINED', data: { ...ids, role, user: objects.user(user), joined_at: joinedAt } }
    }
    case 'member.updated': {
      const { workspaceId, userId, role } = event.data.member
      return { event: 'MEMBER_UPDATED', data: { workspace_id: workspaceId, user_id: userId, role } }
    }
    case 'member.left': {
      const { workspaceId, userId } = event.data
      return { event: 'MEMBER_LEFT', data: { workspace_id: workspaceId, user_id: userId } }
    }
    case 'workspace.updated':
      return { event: 'WORKSPACE_UPDATED', data: objects.workspace(event.data.workspace) }
    case 'workspace.deleted':
      return { event: 'WORKSPACE_DELETED', data: objects.workspace(event.data.workspace) }
    case 'workspace.joined':
      return { event: 'WORKSPACE_JOINED', data: objects.membership(event.data) }
    case 'workspace.left':
      return { event: 'WORKSPACE_LEFT', data: { workspace_id: event.data.workspaceId } }
    case 'user.updated':
      return { event: 'USER_UPDATED', data: objects.user(event.data.user) }
  }
}

import type { Timestamp } from '../../platform/clock.ts'
import type { Consent } from '../consents/schema.ts'
import type { TimelineState } from '../contact-conversations/schema.ts'
import type { Contact, ContactSummary } from '../contacts/schema.ts'
import type { Conversation, Participant } from '../conversations/schema.ts'
import type { Delivery } from '../deliveries/schema.ts'
import type { ManualAction } from '../manual-actions/schema.ts'
import type { Message } from '../messages/schema.ts'
import type { Notification } from '../notifications/schema.ts'
import type { Reaction } from '../reactions/schema.ts'
import type { Schedule } from '../schedules/schema.ts'
import type { PublicUser } from '../users/schema.ts'
import type { Member, Workspace } from '../workspaces/schema.ts'

// Each event says what changed with whole objects, so that whoever applies it to what it knew before knows
// what is now. It stands in one stream: a conversation's, a workspace's or a person's own.

export type EventData = {
  'message.created': { message: Message; author?: ContactSummary; delivery?: Delivery }
  'message.updated': { message: Message }
  'message.deleted': { message: Message }
  'delivery.updated': { delivery: Delivery }
  'reaction.added': { conversationId: string; reaction: Reaction }
  'reaction.removed': { conversationId: string; reaction: Reaction }
  'conversation.created': { conversation: Conversation }
  'conversation.updated': { conversation: Conversation }
  'conversation.deleted': { conversation: Conversation }
  'conversation.hidden': { conversationId: string }
  'conversation.joined': { conversation: Conversation; participant: Participant }
  'conversation.left': { conversationId: string }
  'conversation.read': { conversationId: string; readOrdinal: number }
  'participant.joined': { participant: Participant }
  'participant.left': { conversationId: string; userId: string }
  'workspace.updated': { workspace: Workspace }
  'workspace.deleted': { workspace: Workspace }
  'workspace.joined': { workspace: Workspace; member: Member }
  'workspace.left': { workspaceId: string }
  'member.joined': { member: Member; user: PublicUser }
  'member.updated': { member: Member }
  'member.left': { workspaceId: string; userId: string }
  'user.updated': { user: PublicUser }
  'notification.created': { notification: Notification; message: Message | null }
  'notification.updated': { notification: Notification }
  'notifications.read': { notificationIds: string[]; readAt: Timestamp }
  'session.revoked': { sessionId: string }
  'contact.created': { contact: Contact }
  'contact.updated': { contact: Contact }
  'contact.deleted': { contact: Contact }
  'consent.changed': { consent: Consent }
  'contact.joined': { conversation: Conversation; contacts: ContactSummary[] }
  'conversation.opened': { conversation: Conversation; contacts: ContactSummary[] }
  'contact_conversation.opened': { conversation: Conversation; contact: ContactSummary }
  'contact_conversation.updated': { state: TimelineState }
  'schedule.updated': { schedule: Schedule }
  'manual_action.updated': { manualAction: ManualAction }
  'client.created': { clientId: string; publicKeys: string[] }
  'client.updated': { clientId: string }
}

export type EventType = keyof EventData
export type StreamKind = 'conversation' | 'workspace' | 'user' | 'contact' | 'client'

/** What docs/events.md says of each event. */
export const EVENTS: Record<EventType, { streams: StreamKind[]; doc: string }> = {
  'message.created': {
    streams: ['conversation'],
    doc: 'A message was sent; `author` is who wrote it, where that is a contact; `delivery` is how it is carried to a person outside. A reply also counts on its root: `replyCount` + 1, `lastReplyAt`.',
  },
  'message.updated': { streams: ['conversation'], doc: 'A message was edited; `revision` rose by one.' },
  'message.deleted': {
    streams: ['conversation'],
    doc: 'A message was deleted: its text, attachments and reactions are gone, its place and its replies stay.',
  },
  'delivery.updated': {
    streams: ['conversation'],
    doc: 'A message that is carried to a person outside came further, or failed.',
  },
  'reaction.added': { streams: ['conversation'], doc: 'Somebody reacted to a message.' },
  'reaction.removed': { streams: ['conversation'], doc: 'Somebody took a reaction back.' },
  'conversation.created': { streams: ['workspace'], doc: 'A public channel was made.' },
  'conversation.updated': {
    streams: ['workspace', 'conversation', 'user'],
    doc: 'A channel changed: announced to the workspace and the guests in it where it is public, else to its participants.',
  },
  'conversation.deleted': {
    streams: ['workspace', 'conversation'],
    doc: 'A channel was deleted: announced to the workspace where it was public, else to its participants. Or the timeline of a contact.',
  },
  'conversation.hidden': {
    streams: ['workspace'],
    doc: 'A public channel became private: who is not in it forgets it.',
  },
  'conversation.joined': { streams: ['user'], doc: 'You are in this conversation now.' },
  'conversation.left': { streams: ['user'], doc: 'You are no longer in this conversation.' },
  'conversation.read': {
    streams: ['user'],
    doc: 'You have read a conversation up to this ordinal, on one of your devices.',
  },
  'participant.joined': { streams: ['conversation'], doc: 'Somebody came into the conversation.' },
  'participant.left': { streams: ['conversation'], doc: 'Somebody left the conversation, or was removed from it.' },
  'workspace.updated': {
    streams: ['workspace', 'user'],
    doc: 'The name or the domain of a workspace changed: announced to the workspace, and to its guests.',
  },
  'workspace.deleted': { streams: ['workspace'], doc: 'A workspace was deleted, and all its channels with it.' },
  'workspace.joined': { streams: ['user'], doc: 'You are a member of this workspace now.' },
  'workspace.left': { streams: ['user'], doc: 'You are no longer a member of this workspace.' },
  'member.joined': { streams: ['workspace'], doc: 'Somebody became a member of the workspace.' },
  'member.updated': { streams: ['workspace'], doc: 'A member has another role now.' },
  'member.left': { streams: ['workspace'], doc: 'Somebody left the workspace, or was removed from it.' },
  'user.updated': { streams: ['user', 'workspace'], doc: 'Somebody changed their profile or status.' },
  'notification.created': {
    streams: ['user'],
    doc: 'Something asks for your attention; `message` is what it is about.',
  },
  'notification.updated': { streams: ['user'], doc: 'One of your notifications was read.' },
  'notifications.read': { streams: ['user'], doc: 'Several of your notifications were read at once.' },
  'session.revoked': { streams: ['user'], doc: 'One of your sessions ended: its tokens and sockets stop working.' },
  'contact.created': { streams: ['contact'], doc: 'A contact was made.' },
  'contact.updated': {
    streams: ['contact'],
    doc: 'The name, an address, the metadata, the owner, followers or tags of a contact changed, or whether it wants to be left alone.',
  },
  'contact.deleted': { streams: ['contact'], doc: 'A contact was deleted; what they wrote stays.' },
  'consent.changed': {
    streams: ['contact'],
    doc: 'The contact opted out at an address over a transport, or came back: the newest counts.',
  },
  'contact.joined': { streams: ['contact'], doc: 'The contact is in this conversation now, with these others.' },
  'conversation.opened': { streams: ['conversation'], doc: 'A conversation between contacts began.' },
  'contact_conversation.opened': {
    streams: ['conversation'],
    doc: 'The timeline of a contact began: all that is written to them and comes from them.',
  },
  'contact_conversation.updated': {
    streams: ['conversation'],
    doc: 'The timeline of a contact was starred or read by one of the team, or the opposite.',
  },
  'schedule.updated': {
    streams: ['conversation'],
    doc: 'A message to a contact was scheduled, or a scheduled one was sent, cancelled, or refused when it was due.',
  },
  'manual_action.updated': {
    streams: ['conversation'],
    doc: 'Something that a person must do was written down, assigned, completed, given up or opened again.',
  },
  'client.created': { streams: ['client'], doc: 'An API client was made.' },
  'client.updated': {
    streams: ['client'],
    doc: 'A client, its tokens or its webhooks changed: what was remembered of them is read anew.',
  },
}

/** An event as an operation records it. */
export type NewEvent = {
  [Type in EventType]: { type: Type; streamId: string; workspaceId: string | null; data: EventData[Type] }
}[EventType]

/** An event as it stands in the log. */
export type LoggedEvent = NewEvent & {
  /** Where it stands in the log, in commit order. */
  position: number
  /** Where it stands in its stream: gapless from 1. */
  seq: number
  createdAt: Timestamp
}

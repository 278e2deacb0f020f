import type { Step } from '../protocol.ts'
import {
  presentConsent,
  presentContact,
  presentContactSummary,
  presentConversation,
  presentDelivery,
  presentManualAction,
  presentMember,
  presentMessage,
  presentNotification,
  presentParticipant,
  presentReaction,
  presentSchedule,
  presentTimelineState,
  presentUser,
  presentWorkspace,
} from './rt-v1-objects.ts'

/** The `d` of an event. */
export function presentEvent(event: Step): object {
  switch (event.type) {
    case 'message.created': {
      const { message, author, delivery } = event.data
      return {
        message: presentMessage(message),
        ...(author && { author: presentContactSummary(author) }),
        ...(delivery && { delivery: presentDelivery(delivery) }),
      }
    }
    case 'delivery.updated':
      return { delivery: presentDelivery(event.data.delivery) }
    case 'message.updated':
    case 'message.deleted':
      return { message: presentMessage(event.data.message) }
    case 'reaction.added':
    case 'reaction.removed':
      return { conversation_id: event.data.conversationId, reaction: presentReaction(event.data.reaction) }
    case 'conversation.created':
    case 'conversation.updated':
    case 'conversation.deleted':
      return { conversation: presentConversation(event.data.conversation) }
    case 'conversation.hidden':
    case 'conversation.left':
      return { conversation_id: event.data.conversationId }
    case 'conversation.joined': {
      const { conversation, participant } = event.data
      return { conversation: presentConversation(conversation), participant: presentParticipant(participant) }
    }
    case 'conversation.read':
      return { conversation_id: event.data.conversationId, read_ordinal: event.data.readOrdinal }
    case 'participant.joined':
      return { participant: presentParticipant(event.data.participant) }
    case 'participant.left':
      return { conversation_id: event.data.conversationId, user_id: event.data.userId }
    case 'workspace.updated':
    case 'workspace.deleted':
      return { workspace: presentWorkspace(event.data.workspace) }
    case 'workspace.joined':
      return { workspace: presentWorkspace(event.data.workspace), member: presentMember(event.data.member) }
    case 'workspace.left':
      return { workspace_id: event.data.workspaceId }
    case 'member.joined':
      return { member: presentMember(event.data.member), user: presentUser(event.data.user) }
    case 'member.updated':
      return { member: presentMember(event.data.member) }
    case 'member.left':
      return { workspace_id: event.data.workspaceId, user_id: event.data.userId }
    case 'user.updated':
      return { user: presentUser(event.data.user) }
    case 'notification.created': {
      const { notification, message } = event.data
      return { notification: presentNotification(notification), message: message && presentMessage(message) }
    }
    case 'notification.updated':
      return { notification: presentNotification(event.data.notification) }
    case 'notifications.read':
      return { notification_ids: event.data.notificationIds, read_at: event.data.readAt }
    case 'session.revoked':
      return { session_id: event.data.sessionId }
    case 'contact.created':
    case 'contact.updated':
    case 'contact.deleted':
      return { contact: presentContact(event.data.contact) }
    case 'consent.changed':
      return { consent: presentConsent(event.data.consent) }
    case 'contact.joined':
    case 'conversation.opened': {
      const { conversation, contacts } = event.data
      return { conversation: presentConversation(conversation), contacts: contacts.map(presentContactSummary) }
    }
    case 'contact_conversation.opened': {
      const { conversation, contact } = event.data
      return { conversation: presentConversation(conversation), contact: presentContactSummary(contact) }
    }
    case 'contact_conversation.updated':
      return { state: presentTimelineState(event.data.state) }
    case 'schedule.updated':
      return { schedule: presentSchedule(event.data.schedule) }
    case 'manual_action.updated':
      return { manual_action: presentManualAction(event.data.manualAction) }
    case 'client.created':
    case 'client.updated':
      return { client_id: event.data.clientId }
    case 'hidden':
      return {}
  }
}

import type { Consent } from '../../core/consents/schema.ts'
import type { TimelineState } from '../../core/contact-conversations/schema.ts'
import type { Contact, ContactSummary } from '../../core/contacts/schema.ts'
import type { Conversation, Participant } from '../../core/conversations/schema.ts'
import type { Delivery } from '../../core/deliveries/schema.ts'
import type { ManualAction } from '../../core/manual-actions/schema.ts'
import type { Attachment, Mention, Message } from '../../core/messages/schema.ts'
import type { Notification } from '../../core/notifications/schema.ts'
import type { Reaction } from '../../core/reactions/schema.ts'
import type { Schedule } from '../../core/schedules/schema.ts'
import type { PublicUser, User } from '../../core/users/schema.ts'
import type { Member, Workspace } from '../../core/workspaces/schema.ts'

// The core's own words on the wire, in snake_case.

export function presentMessage(message: Message) {
  return {
    id: message.id,
    conversation_id: message.conversationId,
    workspace_id: message.workspaceId,
    author_kind: message.authorKind,
    author_id: message.authorId,
    kind: message.kind,
    body: message.body,
    root_id: message.rootId,
    reply_count: message.replyCount,
    last_reply_at: message.lastReplyAt,
    reaction_count: message.reactionCount,
    mentions: message.mentions.map(presentMention),
    attachments: message.attachments.map(presentAttachment),
    metadata: message.metadata,
    client_id: message.clientId,
    revision: message.revision,
    created_at: message.createdAt,
    updated_at: message.updatedAt,
    edited_at: message.editedAt,
    deleted_at: message.deletedAt,
    ordinal: message.ordinal,
    seq: message.seq,
  }
}

export function presentDelivery(delivery: Delivery) {
  return {
    id: delivery.id,
    message_id: delivery.messageId,
    conversation_id: delivery.conversationId,
    workspace_id: delivery.workspaceId,
    sender_id: delivery.senderId,
    transport: delivery.transport,
    carrier: delivery.carrier,
    to_address: delivery.toAddress,
    subject: delivery.email?.subject ?? null,
    status: delivery.status,
    carrier_id: delivery.carrierId,
    carrier_status: delivery.carrierStatus,
    error_code: delivery.errorCode,
    error_reason: delivery.errorReason,
    created_at: delivery.createdAt,
    updated_at: delivery.updatedAt,
  }
}

export function presentSchedule(schedule: Schedule) {
  return {
    id: schedule.id,
    conversation_id: schedule.conversationId,
    workspace_id: schedule.workspaceId,
    author_user_id: schedule.authorUserId,
    transport: schedule.transport,
    body: schedule.body,
    subject: schedule.subject,
    to: schedule.to,
    from: schedule.from,
    file_ids: schedule.fileIds,
    scheduled_at: schedule.scheduledAt,
    status: schedule.status,
    message_id: schedule.messageId,
    error_code: schedule.errorCode,
    error_reason: schedule.errorReason,
    created_at: schedule.createdAt,
    updated_at: schedule.updatedAt,
  }
}

export function presentManualAction(action: ManualAction) {
  return {
    id: action.id,
    conversation_id: action.conversationId,
    workspace_id: action.workspaceId,
    action: action.action,
    reason_code: action.reasonCode,
    status: action.status,
    assigned_to: action.assignedTo,
    created_by: action.createdBy,
    completed_by: action.completedBy,
    delivery_id: action.deliveryId,
    schedule_id: action.scheduleId,
    created_at: action.createdAt,
    updated_at: action.updatedAt,
    completed_at: action.completedAt,
  }
}

function presentMention(mention: Mention) {
  return mention.kind === 'user'
    ? { kind: mention.kind, user_id: mention.userId, username: mention.username }
    : { kind: mention.kind }
}

function presentAttachment({ fileId, name, contentType, sizeBytes }: Attachment) {
  return { file_id: fileId, name, content_type: contentType, size_bytes: sizeBytes }
}

export function presentReaction({ id, messageId, userId, content, createdAt }: Reaction) {
  return { id, message_id: messageId, user_id: userId, content, created_at: createdAt }
}

export function presentConversation(conversation: Conversation) {
  return {
    id: conversation.id,
    workspace_id: conversation.workspaceId,
    kind: conversation.kind,
    name: conversation.name,
    description: conversation.description,
    is_private: conversation.isPrivate,
    is_general: conversation.isGeneral,
    created_by: conversation.createdBy,
    created_at: conversation.createdAt,
    updated_at: conversation.updatedAt,
    deleted_at: conversation.deletedAt,
  }
}

export function presentContact(contact: Contact) {
  return {
    id: contact.id,
    workspace_id: contact.workspaceId,
    name: contact.name,
    email: contact.email,
    phone: contact.phone ?? null,
    metadata: contact.metadata,
    created_at: contact.createdAt,
    updated_at: contact.updatedAt,
    deleted_at: contact.deletedAt,
  }
}

export function presentConsent(consent: Consent) {
  return {
    id: consent.id,
    workspace_id: consent.workspaceId,
    contact_id: consent.contactId,
    transport: consent.transport,
    address: consent.address,
    is_opted_out: consent.isOptedOut,
    source: consent.source,
    evidence: consent.evidence,
    message_id: consent.messageId,
    actor_user_id: consent.actorUserId,
    created_at: consent.createdAt,
  }
}

export function presentContactSummary({ id, name }: ContactSummary) {
  return { id, name }
}

export function presentParticipant({ conversationId, userId, joinedAt }: Participant) {
  return { conversation_id: conversationId, user_id: userId, joined_at: joinedAt }
}

export function presentWorkspace(workspace: Workspace) {
  return {
    id: workspace.id,
    name: workspace.name,
    domain: workspace.domain,
    created_by: workspace.createdBy,
    created_at: workspace.createdAt,
    updated_at: workspace.updatedAt,
    deleted_at: workspace.deletedAt,
  }
}

export function presentMember({ workspaceId, userId, role, joinedAt, updatedAt }: Member) {
  return { workspace_id: workspaceId, user_id: userId, role, joined_at: joinedAt, updated_at: updatedAt }
}

export function presentUser(user: PublicUser) {
  return {
    id: user.id,
    username: user.username,
    name: user.name,
    status: user.status,
    status_text: user.statusText,
    status_expires_at: user.statusExpiresAt,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  }
}

export function presentOwnUser(user: User) {
  return { ...presentUser(user), email: user.email }
}

export function presentNotification(notification: Notification) {
  return {
    id: notification.id,
    recipient_user_id: notification.recipientUserId,
    actor_user_id: notification.actorUserId,
    type: notification.type,
    target_type: notification.targetType,
    target_id: notification.targetId,
    workspace_id: notification.workspaceId,
    conversation_id: notification.conversationId,
    read_at: notification.readAt,
    created_at: notification.createdAt,
    updated_at: notification.updatedAt,
  }
}

export function presentTimelineState({ conversationId, contactId, isStarred, readOrdinal, keptUnread }: TimelineState) {
  return {
    conversation_id: conversationId,
    contact_id: contactId,
    is_starred: isStarred,
    read_ordinal: readOrdinal,
    kept_unread: keptUnread,
  }
}

import type { LoggedEvent, StreamKind } from '../core/log/events.ts'

/** A stream, or all timelines of a workspace: see timelines.ts. */
export type FollowedKind = StreamKind | 'timelines'

/** What can be followed. */
export type StreamRef = { id: string; kind: FollowedKind; workspaceId: string | null }

/** What an event does to who follows what; a `userId` may be a contact's. */
export type Effect =
  | { type: 'follow'; userId: string; stream: StreamRef }
  | { type: 'unfollow'; userId: string; streamId: string }
  /** The user is no longer in the workspace. */
  | { type: 'expel'; userId: string; workspaceId: string }
  /** The user is a guest of the workspace now: sees only what they participate in. */
  | { type: 'demote'; userId: string; workspaceId: string }
  /** Only participants may follow the conversation now. */
  | { type: 'hide'; streamId: string }
  | { type: 'closeStream'; streamId: string }
  | { type: 'closeWorkspace'; workspaceId: string }
  | { type: 'endSession'; userId: string; sessionId: string }
  | { type: 'endAll'; userId: string }

/** What is given takes effect before the event is handed over, so that a new member hears of it. */
export function grantedBy(event: LoggedEvent): Effect | undefined {
  switch (event.type) {
    case 'conversation.joined': {
      const { id, workspaceId } = event.data.conversation
      return { type: 'follow', userId: event.streamId, stream: { id, kind: 'conversation', workspaceId } }
    }
    case 'contact.joined': {
      const { id, kind, workspaceId } = event.data.conversation
      if (kind !== 'customer') return undefined
      return { type: 'follow', userId: event.streamId, stream: { id, kind: 'conversation', workspaceId } }
    }
    case 'workspace.joined':
      return event.data.member.role === 'guest' ? undefined : followWorkspace(event.data.member)
    case 'member.updated':
      return event.data.member.role === 'guest' ? undefined : followWorkspace(event.data.member)
    default:
      return undefined
  }
}

/** What is taken takes effect after the event, which is the last that its losers hear of the stream. */
export function takenBy(event: LoggedEvent): Effect | undefined {
  switch (event.type) {
    case 'conversation.left':
      return { type: 'unfollow', userId: event.streamId, streamId: event.data.conversationId }
    case 'participant.left':
      return { type: 'unfollow', userId: event.data.userId, streamId: event.data.conversationId }
    case 'workspace.left':
      return { type: 'expel', userId: event.streamId, workspaceId: event.data.workspaceId }
    case 'member.left':
      return { type: 'expel', userId: event.data.userId, workspaceId: event.data.workspaceId }
    case 'member.updated': {
      const { userId, workspaceId, role } = event.data.member
      return role === 'guest' ? { type: 'demote', userId, workspaceId } : undefined
    }
    case 'conversation.hidden':
      return { type: 'hide', streamId: event.data.conversationId }
    case 'conversation.updated':
      return event.data.conversation.isPrivate ? { type: 'hide', streamId: event.data.conversation.id } : undefined
    case 'conversation.deleted':
      return { type: 'closeStream', streamId: event.data.conversation.id }
    case 'workspace.deleted':
      return { type: 'closeWorkspace', workspaceId: event.data.workspace.id }
    case 'session.revoked':
      return { type: 'endSession', userId: event.streamId, sessionId: event.data.sessionId }
    case 'contact.deleted':
      return { type: 'endAll', userId: event.streamId }
    default:
      return undefined
  }
}

function followWorkspace({ userId, workspaceId }: { userId: string; workspaceId: string }): Effect {
  return { type: 'follow', userId, stream: { id: workspaceId, kind: 'workspace', workspaceId } }
}

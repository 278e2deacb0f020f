// The conversations of a workspace with its contacts, followed all at once: there may be very many of them, and new ones are
// heard of from their first event. It is no stream of the log but a view of it, so it has neither seq nor head.

import { readArrival } from '../core/contact-conversations/read-arrival.ts'
import type { LoggedEvent } from '../core/log/events.ts'
import type { StreamRef } from './membership-effects.ts'

/** All timelines of a workspace, as something that can be followed. */
export function timelinesOf(workspaceId: string): StreamRef {
  return { id: idOf(workspaceId), kind: 'timelines', workspaceId }
}

/**
 * The timelines that an event is of, undefined for most. Of a conversation between contacts that looks like one nobody
 * is told: no frame is found for it.
 */
export function timelinesIdOf(event: LoggedEvent): string | undefined {
  return event.workspaceId !== null && isOfTimelines(event) ? idOf(event.workspaceId) : undefined
}

/** What some followings are in the database: streams, and the workspaces of which all timelines are followed. */
export function splitFollowed(refs: Iterable<StreamRef>): { streamIds: string[]; workspaceIds: string[] } {
  const streamIds: string[] = []
  const workspaceIds: string[] = []
  for (const { id, kind, workspaceId } of refs) {
    if (kind !== 'timelines') streamIds.push(id)
    else if (workspaceId !== null) workspaceIds.push(workspaceId)
  }
  return { streamIds, workspaceIds }
}

/** Whether an event is of the timelines of its workspace. */
export function isOfTimelines(event: LoggedEvent): boolean {
  switch (event.type) {
    case 'message.created': {
      const { message, delivery } = event.data
      return delivery !== undefined || readArrival(message) !== undefined
    }
    case 'conversation.deleted':
      return event.data.conversation.kind === 'contact'
    case 'contact_conversation.opened':
    case 'contact_conversation.updated':
    case 'delivery.updated':
    case 'contact.updated':
    case 'contact.deleted':
      return true
    default:
      return false
  }
}

function idOf(workspaceId: string): string {
  return `timelines of ${workspaceId}`
}

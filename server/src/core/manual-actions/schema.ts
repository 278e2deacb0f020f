import type { Timestamp } from '../../platform/clock.ts'

export const MANUAL_ACTION_STATUSES = ['pending', 'completed', 'failed'] as const
export type ManualActionStatus = (typeof MANUAL_ACTION_STATUSES)[number]

/** Something that a person is to do in a conversation, since no program can. */
export type ManualAction = {
  id: string
  workspaceId: string
  conversationId: string
  /** What is to be done, and why. */
  action: string
  /** Why the program made it; null for what a member wrote. */
  reasonCode: string | null
  status: ManualActionStatus
  assignedTo: string | null
  /** The member who wrote it; null for the program. */
  createdBy: string | null
  /** Who completed it or gave it up; null also where the program saw that nothing is left to do. */
  completedBy: string | null
  /** What it is about, where the program made it. */
  deliveryId: string | null
  scheduleId: string | null
  createdAt: Timestamp
  updatedAt: Timestamp
  /** When it was completed, or given up. */
  completedAt: Timestamp | null
}

/** Why somebody must act. */
export type Cause = {
  /**
   * A message that failed, one that came back after it was delivered, one of which nobody knows whether it arrived, or a
   * scheduled one that was not sent.
   */
  what: 'failed' | 'returned' | 'unknown' | 'scheduled'
  transport: string
  /** Where it was to go; null where that was never looked up. */
  to: string | null
  code: string
  /** A plain sentence. */
  reason: string
  /** Who wrote the message; null where that was no member. */
  authorUserId: string | null
}

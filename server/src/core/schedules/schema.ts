import type { Timestamp } from '../../platform/clock.ts'
import type { Transport } from '../deliveries/carrier.ts'

/**
 * What became of a message that was to be sent later: `sent` is written and in the queue of its sender; `failed` was
 * refused when it was due, and never sent.
 */
export const SCHEDULE_STATUSES = ['scheduled', 'sent', 'cancelled', 'failed'] as const
export type ScheduleStatus = (typeof SCHEDULE_STATUSES)[number]

/** A message to a contact that is sent later, in its author's name. */
export type Schedule = {
  id: string
  workspaceId: string
  conversationId: string
  authorUserId: string
  transport: Transport
  body: string
  /** Of an email. */
  subject: string | null
  /** As they were given; null for what is the primary or default one when it is due. */
  to: string | null
  from: string | null
  fileIds: string[]
  scheduledAt: Timestamp
  status: ScheduleStatus
  /** The message, once it is sent. */
  messageId: string | null
  errorCode: string | null
  /** A plain sentence that says why it was not sent. */
  errorReason: string | null
  createdAt: Timestamp
  updatedAt: Timestamp
}

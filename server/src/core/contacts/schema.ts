import type { Timestamp } from '../../platform/clock.ts'

/** A JSON object that callers keep with something of theirs: up to 16 KiB, 32 levels deep, as it was given. */
export type Metadata = Record<string, unknown>

export type Contact = {
  id: string
  workspaceId: string
  name: string
  /** In lower case; null where the contact is known by other addresses only. */
  email: string | null
  metadata: Metadata
  createdAt: Timestamp
  updatedAt: Timestamp
  deletedAt: Timestamp | null
}

/** Who somebody is, where they are named beside something else. */
export type ContactSummary = { id: string; name: string }

/** A contact in a list by activity. */
export type ActiveContact = { contact: Contact; activeAt: Timestamp }

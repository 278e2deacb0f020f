import type { Timestamp } from '../../platform/clock.ts'

/** A JSON object that callers keep with something of theirs: up to 16 KiB, 32 levels deep, as it was given. */
export type Metadata = Record<string, unknown>

export type Contact = {
  id: string
  workspaceId: string
  name: string
  /** The primary one, in lower case; null where the contact is known by other addresses only. */
  email: string | null
  /** The primary one, in E.164; null for none, and missing in events of before there were any. */
  phone?: string | null
  metadata: Metadata
  createdAt: Timestamp
  updatedAt: Timestamp
  deletedAt: Timestamp | null
}

/** Who somebody is, where they are named beside something else. */
export type ContactSummary = { id: string; name: string }

/** A contact in a list by activity. */
export type ActiveContact = { contact: Contact; activeAt: Timestamp }

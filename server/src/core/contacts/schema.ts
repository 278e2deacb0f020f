import type { Timestamp } from '../../platform/clock.ts'

/** A JSON object that callers keep with something of theirs: up to 16 KiB, 32 levels deep, as it was given. */
export type Metadata = Record<string, unknown>

/** What can be missing is missing in events of before there was any of it. */
export type Contact = {
  id: string
  workspaceId: string
  name: string
  /** The primary one, in lower case; null where the contact is known by other addresses only. */
  email: string | null
  /** The primary one, in E.164; null for none. */
  phone?: string | null
  username?: string | null
  /** What they do, as in "Head of sales". */
  title?: string | null
  avatarUrl?: string | null
  /** The member of the workspace who looks after them. */
  ownerId?: string | null
  /** Members who want to know, in the order in which they began to follow. Some of them may have left since. */
  followerIds?: string[]
  /** Up to 50 of up to 64 characters, different also without regard to capital letters. */
  tags?: string[]
  /** Nothing is sent to them, over no transport. */
  isDnd?: boolean
  metadata: Metadata
  createdAt: Timestamp
  updatedAt: Timestamp
  deletedAt: Timestamp | null
}

/** A contact as it stands in the database, with all of it. */
export type StoredContact = Required<Contact>

/** Who somebody is, where they are named beside something else. */
export type ContactSummary = { id: string; name: string }

/** A contact in a list by activity. */
export type ActiveContact = { contact: Contact; activeAt: Timestamp }

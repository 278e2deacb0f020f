import type { Timestamp } from '../../platform/clock.ts'

/** An upload, announced or complete. */
export type StoredFile = {
  id: string
  /** Null for what came from outside. */
  uploaderUserId: string | null
  name: string
  /** As announced, and not contradicted by the bytes. In lower case and without parameters. */
  contentType: string
  sizeBytes: number
  createdAt: Timestamp
  /** When the bytes had arrived and had passed the checks; null before. */
  completedAt: Timestamp | null
  /** When it is removed unless a message takes it; null once one has. */
  expiresAt: Timestamp | null
}

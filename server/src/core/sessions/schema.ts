import type { Timestamp } from '../../platform/clock.ts'
import type { User } from '../users/schema.ts'

/** What somebody gets who signs in or refreshes: shown once, only hashes of the refresh token are kept. */
export type SignedIn = {
  user: User
  sessionId: string
  accessToken: string
  accessTokenExpiresAt: Timestamp
  refreshToken: string
}

/** Where somebody signs in from. */
export type Client = {
  /** What their program calls itself. */
  userAgent?: string | null
}

export const ACCESS_TOKEN_LIFE_MS = 15 * 60 * 1_000
/** A session ends when it was not refreshed for so long. */
export const SESSION_LIFE_MS = 30 * 24 * 60 * 60 * 1_000
export const TICKET_LIFE_MS = 30_000

import type { Timestamp } from '../../platform/clock.ts'

/** What an access token says. */
export type AccessClaims = {
  /** Unique to this token. */
  id: string
  userId: string
  sessionId: string
  issuedAt: Timestamp
  expiresAt: Timestamp
}

export type AccessTokensPort = {
  sign(claims: AccessClaims): string
  /** Also of a token that has expired; undefined where it was not signed by us. */
  read(token: string): AccessClaims | undefined
}

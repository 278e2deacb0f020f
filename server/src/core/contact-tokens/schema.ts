import type { Timestamp } from '../../platform/clock.ts'

/** How long a contact's token may live, in seconds. */
export const TTL_S = { default: 3_600, min: 60, max: 86_400 }

/** Conversations that a token can name. */
export const TOKEN_CONVERSATIONS_MAX = 100

/** What a contact's token says. */
export type ContactClaims = {
  /** Unique to this token. */
  id: string
  contactId: string
  workspaceId: string
  clientId: string
  isLive: boolean
  /** The only conversations that the token opens; null for all of the contact's. */
  conversationIds: string[] | null
  issuedAt: Timestamp
  expiresAt: Timestamp
}

export type ContactTokensPort = {
  sign(claims: ContactClaims): string
  /** Also of a token that has expired; undefined where it was not signed by us. */
  read(token: string): ContactClaims | undefined
}

import type { Timestamp } from '../../platform/clock.ts'

/** A tenant whose own servers call the API. Its live and its test data are apart: two workspaces, with a public key each. */
export type Client = {
  id: string
  name: string
  /** Where its web pages are: a host name in lower case. */
  domain: string
  /** Addresses and networks (CIDR) that its servers call from; null for any. */
  allowedIps: string[] | null
  /** Which subdomains of the domain may call, beside the domain itself; null for all. */
  allowedSubdomains: string[] | null
  liveWorkspaceId: string
  testWorkspaceId: string
  livePublicKey: string
  testPublicKey: string
  createdAt: Timestamp
  updatedAt: Timestamp
  revokedAt: Timestamp | null
}

/** A token as it is known after it was shown. */
export type ClientToken = {
  id: string
  clientId: string
  isLive: boolean
  /** Its last characters. */
  hint: string
  createdAt: Timestamp
  expiresAt: Timestamp | null
  revokedAt: Timestamp | null
  /** To the minute; null before the first use. */
  lastUsedAt: Timestamp | null
}

/** A new token, the only time that it is told. */
export type NewToken = ClientToken & { token: string }

import type { Timestamp } from '../../platform/clock.ts'

/** A company whose servers call the API for their customers. Live and test data are in workspaces of their own. */
export type Client = {
  id: string
  name: string
  /** The host name of its site, in lower case and ASCII. Pages of it and of its subdomains may call. */
  domain: string
  /** Addresses and networks (CIDR) that its calls may come from; null for any. */
  allowedIps: string[] | null
  /** Labels such as `app`, or whole names under the domain: narrows which subdomains may call; null for all. */
  allowedSubdomains: string[] | null
  liveWorkspaceId: string
  testWorkspaceId: string
  livePublicKey: string
  testPublicKey: string
  createdAt: Timestamp
  updatedAt: Timestamp
  revokedAt: Timestamp | null
}

/** What is kept of a token: never the token. */
export type ClientToken = {
  id: string
  clientId: string
  isLive: boolean
  /** Its last four characters. */
  hint: string
  createdAt: Timestamp
  expiresAt: Timestamp | null
  revokedAt: Timestamp | null
  /** Up to a minute late. */
  lastUsedAt: Timestamp | null
}

/** A token that was just made, the only time that anybody sees it. */
export type IssuedToken = ClientToken & { token: string }

/** A client with its tokens that are not revoked, newest first. */
export type ClientDetails = { client: Client; tokens: ClientToken[] }

export const CLIENT_NAME = { field: 'name', charactersMax: 255 }

/** How many addresses or subdomains a client may name. */
export const CLIENT_LIST_MAX = 100

/** Tokens of one mode that work at the same time: the newest one, and those in their overlap. */
export const LIVING_TOKENS_MAX = 20

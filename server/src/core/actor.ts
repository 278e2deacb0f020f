import type { Timestamp } from '../platform/clock.ts'

/** Who acts. Everything that a request may do follows from this. */
export type Actor = UserActor | AnonymousActor | SystemActor | ClientActor | ContactActor

export type UserActor = {
  kind: 'user'
  id: string
  sessionId: string
  /** The caller's network address, for the audit trail. */
  address: string | null
}

/** Somebody who has not signed in yet: may register, sign in and refresh. */
export type AnonymousActor = { kind: 'anonymous'; id: null; address: string | null }

/** The program itself: jobs and the first start. */
export type SystemActor = { kind: 'system'; id: null; address: null }

export const SYSTEM: SystemActor = { kind: 'system', id: null, address: null }

/** The server of an API client: acts for all contacts of the workspace. */
export type ClientActor = {
  kind: 'client'
  /** The client. */
  id: string
  /** Live and test keys have workspaces of their own. */
  workspaceId: string
  isLive: boolean
  address: string | null
}

/** A contact in a browser, with a token that their client's server asked for. */
export type ContactActor = {
  kind: 'contact'
  /** The contact. */
  id: string
  workspaceId: string
  clientId: string
  isLive: boolean
  /** The only conversations that the token opens; null for all of the contact's. */
  conversationIds: string[] | null
  /** The token's own id. */
  sessionId: string
  expiresAt: Timestamp
  address: string | null
}

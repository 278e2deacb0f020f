/** Who acts. Everything that a request may do follows from this. */
export type Actor = UserActor | AnonymousActor | SystemActor

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

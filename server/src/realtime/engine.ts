import type { UserActor } from '../core/actor.ts'
import type { Core } from '../core/context.ts'
import type { Turnstile } from '../core/turnstile.ts'
import type { Logger } from '../platform/log.ts'
import type { ContactPresence } from './contact-presence.ts'
import type { Cursors } from './cursor.ts'
import type { FlushQueue } from './fan-out.ts'
import type { Hub } from './hub.ts'
import type { RealtimeLimits } from './limits.ts'
import type { Presence } from './presence.ts'
import type { Typing } from './typing.ts'

/** Finds which user somebody is. Both throw an AppError of kind `unauthenticated` for strangers. */
export type SocketAuthentication = {
  byToken(token: string, address: string | null): Promise<UserActor>
  /** A ticket works once. */
  byTicket(ticket: string, address: string | null): Promise<UserActor>
}

/** What all connections of a node share. */
export type Engine = {
  core: Core
  hub: Hub
  presence: Presence
  contactPresence: ContactPresence
  typing: Typing
  flushes: FlushQueue
  cursors: Cursors
  /** For what a connection reads from the database when it begins. */
  snapshots: Turnstile
  authentication: SocketAuthentication
  limits: RealtimeLimits
  log: Logger
}

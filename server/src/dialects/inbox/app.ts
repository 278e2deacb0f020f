import type { HttpApp } from '../../http/server.ts'

/** What this dialect's routes are added to. */
export type InboxApp = HttpApp

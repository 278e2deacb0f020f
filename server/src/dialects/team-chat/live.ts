import type { Context } from '../../core/context.ts'
import type { Live } from './present.ts'

/** What of a request's context the presented people follow. */
export function liveOf({ now, ports }: Context): Live {
  return { now, isOnline: (userId) => ports.presence.isOnline(userId) }
}

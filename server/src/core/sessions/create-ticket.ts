import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { createRandomToken } from './random-token.ts'
import { TICKET_LIFE_MS } from './schema.ts'

/** Makes a ticket with which the caller's session opens one socket, soon: it may stand in a URL, unlike a token. */
export async function createTicket(ctx: Context<UserActor>): Promise<{ ticket: string; expiresAt: Timestamp }> {
  const { token: ticket, hash } = createRandomToken()
  const expiresAt = addMs(ctx.now(), TICKET_LIFE_MS)
  await ctx.db
    .insertInto('socketTickets')
    .values({ tokenHash: hash, sessionId: ctx.actor.sessionId, expiresAt })
    .execute()
  return { ticket, expiresAt }
}

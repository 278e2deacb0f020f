import type { AnonymousActor, UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { hashToken } from './random-token.ts'

/** Finds who a ticket stands for, and tears it: of two who show it at once, one gets in. */
export async function useTicket(ctx: Context<AnonymousActor>, { ticket }: { ticket: string }): Promise<UserActor> {
  const torn = await ctx.db
    .deleteFrom('socketTickets')
    .where('tokenHash', '=', hashToken(ticket))
    .returning(['sessionId', 'expiresAt'])
    .executeTakeFirst()
  if (torn === undefined || torn.expiresAt <= ctx.now()) throw new AppError('invalid_ticket')
  const session = await ctx.ports.sessions.find(torn.sessionId)
  if (session === undefined) throw new AppError('invalid_ticket')
  return { kind: 'user', id: session.userId, sessionId: torn.sessionId, address: ctx.actor.address }
}

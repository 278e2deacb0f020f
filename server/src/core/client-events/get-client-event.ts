import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { EVENT_COLUMNS, parseEvent } from './queries.ts'
import type { ClientEvent } from './schema.ts'

/** An event of the client's workspace. Throws `event_not_found`, also for one that is no longer kept. */
export async function getClientEvent(
  ctx: Context<ClientActor>,
  { eventId }: { eventId: string },
): Promise<ClientEvent> {
  await ctx.ports.clientEvents.caughtUp()
  const row = await ctx.db
    .selectFrom('clientEvents')
    .select(EVENT_COLUMNS)
    .where('id', '=', eventId)
    .where('workspaceId', '=', ctx.actor.workspaceId)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('event_not_found', 'event_id')
  return parseEvent(row)
}

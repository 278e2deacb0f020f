import type { Timestamp } from '../../platform/clock.ts'
import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { ClientEvent } from './schema.ts'

export const EVENT_COLUMNS = ['id', 'type', 'data', 'createdAt'] as const

/** As it stands in the table, where the type is any text and the data any JSON. */
export type EventRow = { id: string; type: string; data: unknown; createdAt: Timestamp }

/** What the feed wrote is of the shapes that it writes. */
export function parseEvent(row: EventRow): ClientEvent {
  return row as ClientEvent
}

/** Where an event of the client's workspace stands in the log. */
export async function findPosition(ctx: Context<ClientActor>, id: string): Promise<number | undefined> {
  const row = await ctx.db
    .selectFrom('clientEvents')
    .select('position')
    .where('id', '=', id)
    .where('workspaceId', '=', ctx.actor.workspaceId)
    .executeTakeFirst()
  return row?.position
}

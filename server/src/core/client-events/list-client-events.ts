import { sql } from 'kysely'
import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { type EventRow, findPosition, parseEvent } from './queries.ts'
import { CLIENT_EVENT_TYPES, type ClientEvent, type ClientEventType } from './schema.ts'

export type ListClientEvents = {
  /** Most events on the page. */
  limit: number
  /** Those older than this event. */
  startingAfter?: string | undefined
  /** Those just newer than this event. Not together with `startingAfter`. */
  endingBefore?: string | undefined
  /** All types unless said. */
  types?: readonly ClientEventType[] | undefined
}

export type ClientEventPage = {
  /** Newest first. */
  events: ClientEvent[]
  /** Whether there are more in the direction that was asked for. */
  hasMore: boolean
  /** All events of these types that are kept. */
  totalCount: number
}

/**
 * The events of the client's workspace. Whoever has seen the answer to a change finds its event. Throws `invalid_cursor`
 * for an event that this workspace does not have, or no more.
 */
export async function listClientEvents(ctx: Context<ClientActor>, input: ListClientEvents): Promise<ClientEventPage> {
  const { limit, startingAfter, endingBefore, types = CLIENT_EVENT_TYPES } = input
  if (startingAfter !== undefined && endingBefore !== undefined) throw new AppError('invalid_cursor', 'ending_before')
  await ctx.ports.clientEvents.caughtUp()
  const isForward = endingBefore !== undefined
  const cursor = await readCursor(ctx, startingAfter ?? endingBefore, isForward ? 'ending_before' : 'starting_after')
  const found = await readEvents(ctx, { types, cursor, isForward, limit: limit + 1 })
  const rows = found.slice(0, limit)
  if (isForward) rows.reverse()
  const totalCount = await countEvents(ctx, types)
  return { events: rows.map(parseEvent), hasMore: found.length > limit, totalCount }
}

async function readCursor(ctx: Context<ClientActor>, id: string | undefined, param: string) {
  if (id === undefined) return undefined
  const position = await findPosition(ctx, id)
  // The same whether the event never was, is gone, or is another's.
  if (position === undefined) throw new AppError('invalid_cursor', param)
  return position
}

type Reading = {
  types: readonly ClientEventType[]
  cursor: number | undefined
  isForward: boolean
  limit: number
}

/** Asks the index for the first of each type, and takes the first of all. */
async function readEvents(ctx: Context<ClientActor>, reading: Reading): Promise<EventRow[]> {
  const { types, cursor, isForward, limit } = reading
  const beyond = isForward ? sql`> ${cursor}` : sql`< ${cursor ?? Number.MAX_SAFE_INTEGER}`
  const order = isForward ? sql`position` : sql`position desc`
  const { rows } = await sql<EventRow>`
    select e.id, e.type, e.data, e.created_at as "createdAt"
    from unnest(${[...types]}::text[]) as t (type) cross join lateral (
      select * from client_events
      where workspace_id = ${ctx.actor.workspaceId} and type = t.type and position ${beyond}
      order by ${order} limit ${limit}
    ) e order by e.${order} limit ${limit}`.execute(ctx.db)
  return rows
}

async function countEvents(ctx: Context<ClientActor>, types: readonly ClientEventType[]): Promise<number> {
  const { count } = await ctx.db
    .selectFrom('listCounts')
    .select(({ fn }) => fn.sum<string | null>('count').as('count'))
    .where('ownerId', '=', ctx.actor.workspaceId)
    .where(
      'kind',
      'in',
      types.map((type) => `client_events:${type}`),
    )
    .executeTakeFirstOrThrow()
  return Number(count ?? 0)
}

import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { readCount } from './counts.ts'
import type { Active, ActivityList } from './schema.ts'
import { openWalk, readItem, readPage, readWalk, type Spot, type Walk } from './walks.ts'

export type ListByActivity = ActivityList & {
  limit: number
  /** The last item of the page before. */
  startingAfter?: string | null | undefined
  /** The first item of the page that comes after: the page before it, in the same order. */
  endingBefore?: string | null | undefined
}

export type ActivityPage = {
  /** Latest activity first. */
  items: Active[]
  /** Whether there is more in the direction that was asked for. */
  hasMore: boolean
  totalCount: number
}

const TRIES = 20

/**
 * A page of what was active last. What moves up while somebody pages the list is shown where it stood when they began:
 * no item is left out or comes twice. Throws `invalid_cursor` for an item that the list does not have.
 */
export async function listByActivity(ctx: Context<Actor>, input: ListByActivity): Promise<ActivityPage> {
  await ctx.ports.activity.caughtUp()
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const page = await tryPage(ctx, input)
    // The lists have moved on between the page and the note that somebody pages it: from a newer state once more.
    if (page !== undefined) return page
  }
  throw new AppError('overloaded', { retryAfterMs: 100 })
}

async function tryPage(ctx: Context<Actor>, input: ListByActivity): Promise<ActivityPage | undefined> {
  const { kind, ownerId, limit, startingAfter, endingBefore } = input
  const list = { kind, ownerId }
  const isBackward = !startingAfter && Boolean(endingBefore)
  const itemId = startingAfter ?? endingBefore ?? null
  const walk = itemId === null ? undefined : await findWalk(ctx, { ...list, itemId, isBackward })
  const { items: read, asOf } = await readPage(ctx.db, list, { walk, isBackward, limit: limit + 1 })
  const hasMore = read.length > limit
  const items = read.slice(0, limit)
  if (isBackward) items.reverse()
  const last = isBackward ? items[0] : items.at(-1)
  if (hasMore && last !== undefined) {
    const spots: Spot[] = [{ isBackward, item: last }]
    // Who has turned a page may turn back.
    const first = isBackward ? items.at(-1) : items[0]
    if (walk !== undefined) spots.push({ isBackward: !isBackward, item: first! })
    const isNoted = await openWalk(ctx, list, { spots, asOf, isNew: walk === undefined || walk.asOf === null })
    if (!isNoted) return undefined
  }
  return { items, hasMore, totalCount: await readCount(ctx.db, list) }
}

type At = ActivityList & { itemId: string; isBackward: boolean }

/** Where the walk stands that goes on from an item: where its page ended, else where the item is now. */
async function findWalk(ctx: Context<Actor>, at: At): Promise<Walk> {
  const walk = (await readWalk(ctx.db, { ...at, now: ctx.now() })) ?? (await readItem(ctx.db, at))
  if (walk === undefined) throw new AppError('invalid_cursor', at.isBackward ? 'ending_before' : 'starting_after')
  return walk
}

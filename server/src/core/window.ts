import { AppError } from './errors.ts'

/** A part of a list beside one of its rows, as Stripe's lists have it. */
export type Window = {
  /** Most rows. */
  limit: number
  /** The id of a row: those after it. */
  startingAfter?: string | null | undefined
  /** The id of a row: those before it, nearest to it, in the list's order. Left aside where the other is given. */
  endingBefore?: string | null | undefined
}

type Reading<Row> = {
  /** The row with this id, where the list has or had it. */
  find(id: string): Promise<Row | undefined>
  /** Some rows beyond an edge, or from the list's beginning; backward in the opposite order. */
  read(from: { edge: Row | undefined; isBackward: boolean; limit: number }): Promise<Row[]>
}

/** Reads a window, and whether there is more in its direction. Throws `invalid_cursor` for a row that is not of the list. */
export async function readAround<Row>(
  { limit, startingAfter, endingBefore }: Window,
  { find, read }: Reading<Row>,
): Promise<{ rows: Row[]; hasMore: boolean }> {
  const isBackward = !startingAfter && Boolean(endingBefore)
  const id = startingAfter ?? endingBefore
  const edge = id ? await find(id) : undefined
  if (id && edge === undefined) throw new AppError('invalid_cursor', isBackward ? 'ending_before' : 'starting_after')
  const found = await read({ edge, isBackward, limit: limit + 1 })
  const rows = found.slice(0, limit)
  return { rows: isBackward ? rows.reverse() : rows, hasMore: found.length > limit }
}

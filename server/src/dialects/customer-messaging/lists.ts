import { type TSchema, Type } from 'typebox'
import { PAGE_MAX } from '../../core/page.ts'
import { type IdKind, parseCursor } from './ids.ts'

/** The query of every list. */
export const windowQuery = (kind: IdKind, limit: number) => ({
  limit: Type.Integer({ minimum: 1, maximum: PAGE_MAX, default: limit, description: 'Most rows on the page.' }),
  starting_after: Type.Optional(
    Type.String({ maxLength: 100, description: `The id of a ${kind}: the page goes on after it.` }),
  ),
  ending_before: Type.Optional(
    Type.String({
      maxLength: 100,
      description: `The id of a ${kind}: the page before it. Left aside where \`starting_after\` is given.`,
    }),
  ),
})

type WindowQuery = { limit: number; starting_after?: string; ending_before?: string }

export function readWindow(kind: IdKind, query: WindowQuery) {
  return {
    limit: query.limit,
    startingAfter: parseCursor(kind, query.starting_after, 'starting_after'),
    endingBefore: parseCursor(kind, query.ending_before, 'ending_before'),
  }
}

/** A list's schema around that of its rows. */
export const ListOf = <S extends TSchema>(row: S, description: string) =>
  Type.Object(
    {
      object: Type.Literal('list'),
      data: Type.Array(row),
      has_more: Type.Boolean({ description: 'Whether there is more in the direction that was asked for.' }),
      total_count: Type.Integer({ description: 'How many there are in all.' }),
    },
    { description },
  )

export function presentList<Row, Shown>(
  { rows, hasMore, totalCount }: { rows: Row[]; hasMore: boolean; totalCount: number },
  present: (row: Row) => Shown,
) {
  return { object: 'list' as const, data: rows.map(present), has_more: hasMore, total_count: totalCount }
}

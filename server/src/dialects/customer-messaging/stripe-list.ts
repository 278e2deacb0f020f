import { Type } from 'typebox'

const LIMIT_MAX = 100
const ID_CHARACTERS_MAX = 64

/** The query of a list: which page of it. */
export const pageQuery = (limitDefault: number) => ({
  limit: Type.Integer({ minimum: 1, maximum: LIMIT_MAX, default: limitDefault, description: 'Most rows on the page.' }),
  starting_after: Type.Optional(
    Type.String({ maxLength: ID_CHARACTERS_MAX, description: 'The id after which the page begins.' }),
  ),
  ending_before: Type.Optional(
    Type.String({ maxLength: ID_CHARACTERS_MAX, description: 'The id before which the page ends.' }),
  ),
})

/** A list's schema around that of its rows. */
export const ListOf = <S extends Parameters<typeof Type.Array>[0]>(row: S, total: string) =>
  Type.Object({
    object: Type.Literal('list'),
    data: Type.Array(row),
    has_more: Type.Boolean({ description: 'Whether there are more in the direction that was asked for.' }),
    total_count: Type.Integer({ description: total }),
  })

export function presentList<Shown>(data: Shown[], { hasMore, totalCount }: { hasMore: boolean; totalCount: number }) {
  return { object: 'list' as const, data, has_more: hasMore, total_count: totalCount }
}

import { type TSchema, Type } from 'typebox'
import { PAGE_DEFAULT, PAGE_MAX } from '../../core/page.ts'

/** The schema of every answer that is none of a failure. */
export const ReplyOf = <S extends TSchema>(data: S, description: string) =>
  Type.Object(
    { success: Type.Literal(true), message: Type.String({ description: 'For people. May change.' }), data },
    { description },
  )

export function presentReply<Data>(data: Data, message = 'OK') {
  return { success: true as const, message, data }
}

/** The query of every list that has pages. */
export const PageQuery = {
  page: Type.Integer({ minimum: 1, maximum: 10_000, default: 1, description: 'Which page, from 1.' }),
  pageSize: Type.Integer({ minimum: 1, maximum: PAGE_MAX, default: PAGE_DEFAULT, description: 'Most rows on a page.' }),
}

const PageMeta = Type.Object({
  total: Type.Integer({ description: 'How many rows there are on all pages.' }),
  page: Type.Integer(),
  pageSize: Type.Integer(),
  totalPages: Type.Integer(),
})

/** The schema of a list with pages: its rows are at `data.data`, beside `data.meta`. */
export const PagesOf = <S extends TSchema>(row: S, description: string) =>
  ReplyOf(Type.Object({ data: Type.Array(row), meta: PageMeta }), description)

type PageNumber = { page: number; pageSize: number }

export function presentPages<Row, Shown>(
  { rows, totalCount }: { rows: Row[]; totalCount: number },
  { page, pageSize }: PageNumber,
  present: (row: Row) => Shown,
) {
  const meta = { total: totalCount, page, pageSize, totalPages: Math.ceil(totalCount / pageSize) }
  return presentReply({ data: rows.map(present), meta })
}

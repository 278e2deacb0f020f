import { Type } from 'typebox'
import { PAGE_DEFAULT, PAGE_MAX } from '../../core/page.ts'

/** The query of every list. */
export const PageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: PAGE_MAX, default: PAGE_DEFAULT, description: 'Most rows on the page.' }),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: 'The `next_cursor` of the page before.' })),
}

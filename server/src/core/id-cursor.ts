import { decodeCursor } from './page.ts'
import { isUuid } from './uuid.ts'

/** The id after which a page begins, in a list that is sorted by id alone; undefined for its first page. */
export function readIdCursor(cursor: string | null | undefined): string | undefined {
  if (!cursor) return undefined
  const [id] = decodeCursor<[string]>(cursor, ([id, ...rest]) => isUuid(id) && rest.length === 0)
  return id
}

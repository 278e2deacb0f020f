import { AppError, type ErrorCode } from '../../core/errors.ts'
import { isUuid } from '../../core/uuid.ts'

/** What stands before the UUID in an id as callers see it. */
export type IdPrefix = 'cust' | 'ch' | 'msg' | 'evt' | 'we' | 'whd'

export function presentId(prefix: IdPrefix, id: string): string {
  return `${prefix}_${id}`
}

type Expected = { prefix: IdPrefix; code: ErrorCode; param: string }

/** The UUID of an id with its prefix or without; what is no such id answers with `code`, as what is not there does. */
export function parseId(text: string, { prefix, code, param }: Expected): string {
  const bare = text.startsWith(`${prefix}_`) ? text.slice(prefix.length + 1) : text
  if (!isUuid(bare)) throw new AppError(code, param)
  return bare.toLowerCase()
}

type Cursors = { starting_after?: string | undefined; ending_before?: string | undefined }

/** The items between which a page lies. Throws `invalid_cursor` for what is no id. */
export function parseCursors({ starting_after, ending_before }: Cursors, prefix: IdPrefix) {
  const parse = (text: string | undefined, param: string) =>
    text === undefined ? undefined : parseId(text, { prefix, code: 'invalid_cursor', param })
  return {
    startingAfter: parse(starting_after, 'starting_after'),
    endingBefore: parse(ending_before, 'ending_before'),
  }
}

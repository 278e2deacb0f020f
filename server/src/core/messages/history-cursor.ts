import { addMs } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import { cutPage, decodeCursor, type Page } from '../page.ts'
import { parseMoment } from '../parse-moment.ts'
import type { Order } from './message-history.ts'
import type { Message } from './schema.ts'

type Position = { conversationId: string; cursor: string; order: Order }

/** The ordinal beyond which a page begins. Instead of a cursor a moment may stand, itself not included. */
export async function readPosition(ctx: Context, { conversationId, cursor, order }: Position): Promise<number> {
  const at = parseMoment(cursor)
  if (at === undefined) {
    const [ordinal] = decodeCursor<[number]>(cursor, (key) => key.length === 1 && Number.isSafeInteger(key[0]))
    return ordinal
  }
  if (order === 'desc') return (await ctx.ports.history.countBefore(conversationId, at)) + 1
  // Times have whole milliseconds: what is not before the next one is after this one.
  const next = addMs(at, 1)
  return ctx.ports.history.countBefore(conversationId, next)
}

/** A page out of one message more than it shows. */
export function cutHistory(messages: Message[], limit: number): Page<Message> {
  return cutPage(messages, limit, ({ ordinal }) => [ordinal])
}

import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Reaction } from './schema.ts'

export const REACTION_COLUMNS = ['id', 'messageId', 'userId', 'content', 'createdAt'] as const

/** Most reactions of one message that are shown with it. */
export const SHOWN_MAX = 100

/** The reactions that are shown with each of some messages: the first 100, oldest first. */
export async function listReactionsOf(db: Database, messageIds: string[]): Promise<Map<string, Reaction[]>> {
  const byMessage = new Map<string, Reaction[]>()
  if (messageIds.length === 0) return byMessage
  const { rows } = await sql<Reaction>`
    select r.id, r.message_id, r.user_id, r.content, r.created_at
    from unnest(${messageIds}::uuid[]) as m (id) cross join lateral (
      select * from reactions where message_id = m.id order by created_at, id limit ${SHOWN_MAX}
    ) r
    order by r.created_at, r.id`.execute(db)
  for (const reaction of rows) {
    const known = byMessage.get(reaction.messageId)
    if (known === undefined) byMessage.set(reaction.messageId, [reaction])
    else known.push(reaction)
  }
  return byMessage
}

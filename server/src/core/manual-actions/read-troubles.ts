import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import { CLIENT_ID_PREFIX } from '../schedules/queries.ts'

/** A delivery as somebody must know it who is to act on it. */
export type Trouble = {
  deliveryId: string
  workspaceId: string
  conversationId: string
  transport: string
  to: string
  status: string
  code: string
  reason: string
  /** Who wrote the message; null where that was no member. */
  authorUserId: string | null
  isScheduled: boolean
}

/** In the order of their ids. */
export async function readTroubles(db: Database, deliveryIds: string[]): Promise<Trouble[]> {
  if (deliveryIds.length === 0) return []
  const { rows } = await sql<Trouble>`
    select d.id as delivery_id, d.workspace_id, d.conversation_id, d.transport, d.to_address as "to", d.status,
      coalesce(d.error_code, 'failed') as code, coalesce(d.error_reason, '') as reason,
      case when m.author_kind = 'user' then m.author_id end as author_user_id,
      coalesce(starts_with(m.client_id, ${CLIENT_ID_PREFIX}), false) as is_scheduled
    from deliveries d join messages m on m.id = d.message_id
    where d.id = any(${deliveryIds}::uuid[]) order by d.id`.execute(db)
  return rows
}

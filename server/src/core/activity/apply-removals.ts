import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import { addToCount } from './counts.ts'
import type { Removal } from './read-changes.ts'
import type { ActivityKind } from './schema.ts'

/** Takes what was deleted out of the lists that it stood in. */
export async function applyRemovals(db: Database, removals: Removal[]): Promise<void> {
  for (const { type, id, workspaceId } of removals) {
    if (type === 'contact.deleted') await removeItem(db, 'senders', [workspaceId], id)
    else await removeConversation(db, id, workspaceId)
  }
}

async function removeConversation(db: Database, id: string, workspaceId: string): Promise<void> {
  const rows = await db.selectFrom('contactParticipants').select('contactId').where('conversationId', '=', id).execute()
  const contactIds = rows.map(({ contactId }) => contactId)
  await removeItem(db, 'conversations', [workspaceId, ...contactIds], id)
  for (const owner of contactIds) {
    for (const peer of contactIds) {
      if (peer !== owner && !(await shareConversation(db, owner, peer))) await removeItem(db, 'peers', [owner], peer)
    }
  }
}

async function shareConversation(db: Database, a: string, b: string): Promise<boolean> {
  const { rows } = await sql<{ isShared: boolean }>`
    select exists (
      select from contact_participants p join contact_participants q using (conversation_id)
      join conversations c on c.id = p.conversation_id and c.deleted_at is null
      where p.contact_id = ${a} and q.contact_id = ${b}
    ) as is_shared`.execute(db)
  return rows[0]!.isShared
}

async function removeItem(db: Database, kind: ActivityKind, ownerIds: string[], itemId: string): Promise<void> {
  const removed = await db
    .deleteFrom('activities')
    .where('kind', '=', kind)
    .where('ownerId', 'in', ownerIds)
    .where('itemId', '=', itemId)
    .returning('ownerId')
    .execute()
  await db
    .deleteFrom('activityMoves')
    .where('kind', '=', kind)
    .where('ownerId', 'in', ownerIds)
    .where('itemId', '=', itemId)
    .execute()
  for (const { ownerId } of removed) await addToCount(db, { kind, ownerId, by: -1 })
}

import type { Database } from '../../platform/database/database.ts'

type InWorkspace = { contactId: string; workspaceId: string }

/** Those of some conversations that the contact is in. */
export async function findOwnConversationIds(
  db: Database,
  { contactId, workspaceId, conversationIds }: InWorkspace & { conversationIds: string[] },
): Promise<Set<string>> {
  if (conversationIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('contactParticipants as p')
    .innerJoin('conversations as c', 'c.id', 'p.conversationId')
    .select('c.id')
    .where('p.contactId', '=', contactId)
    .where('c.id', 'in', conversationIds)
    .where('c.workspaceId', '=', workspaceId)
    .where('c.kind', '=', 'customer')
    .where('c.deletedAt', 'is', null)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

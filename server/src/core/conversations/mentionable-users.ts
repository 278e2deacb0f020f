import type { Database } from '../../platform/database/database.ts'
import type { Conversation } from './schema.ts'

export type MentionableUser = { id: string; username: string }

/** The people of these names (in lower case) who can see the conversation. */
export async function findMentionableUsers(
  db: Database,
  conversation: Conversation,
  usernames: string[],
): Promise<MentionableUser[]> {
  return db
    .selectFrom('users as u')
    .leftJoin('participants as p', (join) =>
      join.onRef('p.userId', '=', 'u.id').on('p.conversationId', '=', conversation.id),
    )
    .leftJoin('members as m', (join) =>
      join.onRef('m.userId', '=', 'u.id').on('m.workspaceId', '=', conversation.workspaceId),
    )
    .select(['u.id', 'u.username'])
    .where((eb) => eb(eb.fn<string>('lower', ['u.username']), 'in', usernames))
    .where('u.deletedAt', 'is', null)
    .where((eb) => {
      if (conversation.workspaceId === null) return eb('p.userId', 'is not', null)
      if (conversation.isPrivate) return eb.and([eb('p.userId', 'is not', null), eb('m.role', 'is not', null)])
      return eb.or([
        eb.and([eb('p.userId', 'is not', null), eb('m.role', 'is not', null)]),
        eb('m.role', 'in', ['owner', 'admin', 'member', 'agent']),
      ])
    })
    .orderBy('u.id')
    .execute()
}

/** Everybody in the conversation, up to a limit. */
export async function listParticipantIds(db: Database, conversationId: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('participants')
    .select('userId')
    .where('conversationId', '=', conversationId)
    .orderBy('userId')
    .limit(limit)
    .execute()
  return rows.map((row) => row.userId)
}

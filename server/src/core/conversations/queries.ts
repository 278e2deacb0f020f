import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Access } from './access-cache.ts'
import type { Conversation, Participant } from './schema.ts'

export const CONVERSATION_COLUMNS = [
  'id',
  'workspaceId',
  'kind',
  'name',
  'description',
  'isPrivate',
  'createdBy',
  'createdAt',
  'updatedAt',
  'deletedAt',
] as const

type AccessRow = Conversation & Pick<Access, 'role' | 'isParticipant' | 'isOpen'> & { otherUserIds: string[] | null }

/** One person's standing in one conversation; undefined where there is no such conversation, or no more. */
export async function loadAccess(db: Database, userId: string, conversationId: string): Promise<Access | undefined> {
  const { rows } = await sql<AccessRow>`
    select c.id, c.workspace_id, c.kind, c.name, c.description, c.is_private, c.created_by, c.created_at, c.updated_at,
      c.deleted_at, m.role, p.user_id is not null as is_participant,
      case when c.kind in ('direct', 'group') then
        (select array_agg(o.user_id) from participants o where o.conversation_id = c.id and o.user_id <> ${userId})
      end as other_user_ids,
      c.kind <> 'direct' or not exists (
        select from participants o where o.conversation_id = c.id and o.user_id <> ${userId}
      ) or exists (
        select from participants o
        join members a on a.user_id = o.user_id
        join members b on b.workspace_id = a.workspace_id and b.user_id = ${userId}
        join workspaces x on x.id = a.workspace_id and x.deleted_at is null
        where o.conversation_id = c.id and o.user_id <> ${userId}
      ) as is_open
    from conversations c
    left join workspaces w on w.id = c.workspace_id
    left join members m on m.workspace_id = c.workspace_id and m.user_id = ${userId}
    left join participants p on p.conversation_id = c.id and p.user_id = ${userId}
    where c.id = ${conversationId} and c.deleted_at is null and w.deleted_at is null`.execute(db)
  const row = rows[0]
  if (row === undefined) return undefined
  const { role, isParticipant, otherUserIds, isOpen, ...conversation } = row
  return { conversation, role, isParticipant, otherUserIds: otherUserIds ?? [], isOpen }
}

/** Adds a participant where they are not one yet. A newcomer has read all that stands there already. */
export async function insertParticipant(
  db: Database,
  { conversationId, userId, joinedAt }: Participant,
): Promise<{ participant: Participant; isNew: boolean }> {
  const inserted = await db
    .insertInto('participants')
    .columns(['conversationId', 'userId', 'joinedAt', 'readOrdinal'])
    .expression((eb) =>
      eb
        .selectFrom('streams')
        .select((eb) => [
          eb.val(conversationId).$castTo<string>().as('c'),
          eb.val(userId).as('u'),
          eb.val(joinedAt).as('j'),
          'messageCount',
        ])
        .where('id', '=', conversationId),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning(['conversationId', 'userId', 'joinedAt'])
    .executeTakeFirst()
  if (inserted !== undefined) return { participant: inserted, isNew: true }
  const existing = await db
    .selectFrom('participants')
    .select(['conversationId', 'userId', 'joinedAt'])
    .where('conversationId', '=', conversationId)
    .where('userId', '=', userId)
    .executeTakeFirstOrThrow()
  return { participant: existing, isNew: false }
}

export async function listAllParticipantIds(db: Database, conversationId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('participants')
    .select('userId')
    .where('conversationId', '=', conversationId)
    .execute()
  return rows.map(({ userId }) => userId)
}

/** Those who are in a channel as guests of its workspace. */
export async function listGuestParticipantIds(db: Database, conversationId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('participants as p')
    .innerJoin('conversations as c', 'c.id', 'p.conversationId')
    .innerJoin('members as m', (join) =>
      join.onRef('m.workspaceId', '=', 'c.workspaceId').onRef('m.userId', '=', 'p.userId'),
    )
    .select('p.userId')
    .where('p.conversationId', '=', conversationId)
    .where('m.role', '=', 'guest')
    .execute()
  return rows.map(({ userId }) => userId)
}

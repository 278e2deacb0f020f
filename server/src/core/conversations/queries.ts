import { CompiledQuery } from 'kysely'
import type pg from 'pg'
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
  'isGeneral',
  'createdBy',
  'createdAt',
  'updatedAt',
  'deletedAt',
] as const

type AccessRow = Conversation & Pick<Access, 'role' | 'isParticipant' | 'isOpen'> & { otherUserIds: string[] | null }

const ACCESS = `
  select c.id, c.workspace_id as "workspaceId", c.kind, c.name, c.description, c.is_private as "isPrivate",
    c.is_general as "isGeneral",
    c.created_by as "createdBy", c.created_at as "createdAt", c.updated_at as "updatedAt", c.deleted_at as "deletedAt",
    m.role, p.user_id is not null as "isParticipant",
    case when c.kind in ('direct', 'group') then
      (select array_agg(o.user_id) from participants o where o.conversation_id = c.id and o.user_id <> $1)
    end as "otherUserIds",
    c.kind <> 'direct' or not exists (
      select from participants o where o.conversation_id = c.id and o.user_id <> $1
    ) or exists (
      select from participants o
      join members a on a.user_id = o.user_id
      join members b on b.workspace_id = a.workspace_id and b.user_id = $1
      join workspaces x on x.id = a.workspace_id and x.deleted_at is null
      where o.conversation_id = c.id and o.user_id <> $1
    ) as "isOpen"
  from conversations c
  left join workspaces w on w.id = c.workspace_id
  left join members m on m.workspace_id = c.workspace_id and m.user_id = $1
  left join participants p on p.conversation_id = c.id and p.user_id = $1
  where c.id = $2 and c.deleted_at is null and w.deleted_at is null`

/** One person's standing in one conversation as a transaction sees it; undefined where there is no such conversation. */
export async function loadAccess(db: Database, userId: string, conversationId: string): Promise<Access | undefined> {
  const { rows } = await db.executeQuery<AccessRow>(CompiledQuery.raw(ACCESS, [userId, conversationId]))
  return readAccess(rows[0])
}

/** The same outside of transactions, for a cache: prepared, because to plan it takes longer than to run it. */
export async function loadAccessPrepared(
  pool: pg.Pool,
  userId: string,
  conversationId: string,
): Promise<Access | undefined> {
  const { rows } = await pool.query<AccessRow>({ name: 'access', text: ACCESS, values: [userId, conversationId] })
  return readAccess(rows[0])
}

function readAccess(row: AccessRow | undefined): Access | undefined {
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
